"""Facts are added, never changed (fault I5): the database itself refuses, whatever a migration rebuilt."""

import pytest
from sqlalchemy import text

from lms.core.unit_of_work import Runtime

FACTS = (
    "answer_revision", "attempt_time", "audit_event", "audit_seal", "exam_remark", "exam_sighting", "paper",
    "paper_item", "question_picture", "question_try", "question_version", "score_change", "state_log", "study_beat",
    "study_grant", "withdrawn_paper",
)  # fmt: skip
GUARDS = {
    True: "SELECT tbl_name, COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%' GROUP BY 1",
    False: "SELECT c.relname, COUNT(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE t.tgname LIKE '%append_only' AND t.tgenabled <> 'D' GROUP BY 1",
}
EACH = {True: 2, False: 1}
"""SQLite has a trigger for each verb, PostgreSQL one for all."""


def test_every_table_of_facts_is_guarded_against_changes(runtime: Runtime) -> None:
    is_sqlite = runtime.database.is_sqlite
    with runtime.read() as uow:
        found = dict(map(tuple, uow.session.execute(text(GUARDS[is_sqlite]))))
    assert found == dict.fromkeys(FACTS, EACH[is_sqlite])


@pytest.mark.parametrize("verb", ["UPDATE study_beat SET credit_seconds = 0", "DELETE FROM study_beat"])
def test_the_guard_speaks_even_when_there_is_nothing_to_change_on_postgresql(
    runtime: Runtime, verb: str
) -> None:
    if runtime.database.is_sqlite:
        pytest.skip(
            "SQLite's triggers speak for each row; tests of the audit and the ledger change real rows"
        )
    with pytest.raises(Exception, match="append-only"), runtime.write() as uow:
        uow.session.execute(text(verb))
