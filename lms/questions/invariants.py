"""What must always hold of the bank."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.core.invariants import Invariant, by_sql
from lms.core.storage import MissingFile
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import blueprint_from_json, item_from_json
from lms.questions.models import Blueprint, QuestionPicture, QuestionVersion
from lms.questions.policy import BLUEPRINT, BlueprintState, picture_keys
from question_bank.validation import validate_blueprint

_AT_ONCE = 500


def _faceless(uow: UnitOfWork) -> Sequence[Sequence[Any]]:
    """Find wordings that name a picture of which no file is stored."""
    kept = uow.session.execute(
        select(QuestionPicture.version_id, QuestionPicture.picture_key, QuestionPicture.file_key)
    )
    whole = {(version_id, key) for version_id, key, file_key in kept if _is_stored(uow, file_key)}
    bodies = uow.session.execute(
        select(QuestionVersion.id, QuestionVersion.body)
        .where(QuestionVersion.body.contains("](image:"))
        .execution_options(yield_per=_AT_ONCE)
    )
    return [
        (version_id, key)
        for version_id, body in bodies
        for key in sorted(picture_keys(item_from_json(body)))
        if (version_id, key) not in whole
    ]


def _is_stored(uow: UnitOfWork, file_key: str) -> bool:
    try:
        return uow.storage.size(file_key) > 0
    except MissingFile:
        return False


def _unsound(uow: UnitOfWork) -> Sequence[Sequence[Any]]:
    """Find blueprints that plans could choose and that no paper can follow."""
    chosen = (BlueprintState.PUBLISHED, BlueprintState.RETIRED)
    rows = uow.session.scalars(select(Blueprint).where(Blueprint.state.in_(chosen)))
    return [(row.id,) for row in rows if validate_blueprint(blueprint_from_json(row.body, row.title))]


_LEGAL = " OR ".join(
    f"(from_state = '{old}' AND to_state = '{new}')" for old, new in sorted(BLUEPRINT.pairs())
)

INVARIANTS: tuple[Invariant, ...] = (
    by_sql(
        "Q1", "every item has its current version, with the same fingerprint",
        "SELECT i.id FROM question_item i LEFT JOIN question_version v ON v.item_id = i.id AND v.version = i.version "
        "WHERE v.id IS NULL OR v.fingerprint <> i.fingerprint",
    ),
    by_sql(
        "Q2", "an accepted import has added exactly what it says",
        "SELECT b.id FROM import_batch b WHERE (b.state = 'accepted') <> (b.added_count IS NOT NULL) OR "
        "COALESCE(b.added_count, 0) <> (SELECT COUNT(*) FROM question_item i WHERE i.import_batch_id = b.id)",
    ),
    by_sql(
        "Q7", "what papers draw was imported, or approved by another person than its writer",
        "SELECT r.id FROM version_review r JOIN question_item i ON i.id = r.item_id AND i.version = r.version "
        "WHERE i.state = 'approved' AND (r.state <> 'approved' OR r.approved_by = r.written_by)",
    ),
    by_sql(
        "Q8", "a question that nobody approved has its review, written or imported",
        "SELECT i.id FROM question_item i LEFT JOIN version_review r ON r.item_id = i.id AND r.version = i.version "
        "WHERE i.state = 'draft' AND (r.id IS NULL OR r.state = 'approved')",
    ),
    by_sql(
        "Q3", "the same question stands in the live bank once",
        "SELECT question_key FROM question_item WHERE state = 'approved' GROUP BY question_key HAVING COUNT(*) > 1",
    ),
    by_sql(
        "Q4", "rows are written aside only while their file is being accepted, or are in the bank already",
        "SELECT s.id FROM staged_item s JOIN import_batch b ON b.id = s.batch_id WHERE b.state <> 'accepting' "
        "AND NOT EXISTS (SELECT 1 FROM question_item i WHERE i.id = s.id)",
    ),
    by_sql(
        "Q5", "a file under way has somebody's job behind it",
        "SELECT b.id FROM import_batch b WHERE b.state IN ('waiting', 'accepting') AND NOT EXISTS "
        "(SELECT 1 FROM outbox_job j WHERE j.key = CASE b.state WHEN 'waiting' THEN 'questions.check_import:' "
        "ELSE 'questions.accept_import:' END || b.id || '-' || b.turn AND j.done_at IS NULL)",
    ),
    by_sql(
        "A1.blueprint", "blueprints move only along their transition table",
        f"SELECT id FROM state_log WHERE machine = 'blueprint' AND from_state IS NOT NULL AND NOT ({_LEGAL})",
    ),
    by_sql(
        # What was registered before blueprints had drafts has no log, and is published.
        "A3.blueprint", "a blueprint's state is the last one in its log",
        "SELECT b.id FROM blueprint b WHERE b.state <> COALESCE((SELECT l.to_state FROM state_log l WHERE"
        " l.machine = 'blueprint' AND l.subject_id = b.id ORDER BY l.id DESC LIMIT 1), 'published')",
    ),
    Invariant("Q9", "a blueprint that was published adds up to the full mark", _unsound),
    Invariant("Q6", "every picture that a wording shows is stored", _faceless),
)  # fmt: skip
