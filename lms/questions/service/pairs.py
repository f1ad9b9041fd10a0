"""Deciding what becomes of the rows of a file that resemble a question."""

from typing import Any

from sqlalchemy import delete, insert, select, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import item_to_json
from lms.questions.models import ImportBatch, ImportPair
from lms.questions.policy import (
    CHOICES,
    LOOKING_ALIKE,
    PAIRS_SHOWN_MAX,
    STAGED_AT_ONCE,
    Decision,
    ImportState,
    Judgement,
    Pair,
    decision_reasons,
    decision_time_reasons,
    rest_reasons,
    version_count_reasons,
    version_reasons,
)
from lms.questions.queries import PairFacts
from question_bank.importing import ImportReport
from question_bank.items import fingerprint


def keep_pairs(uow: UnitOfWork, batch_id: str, judgement: Judgement) -> None:
    """Write the pairs of a checked file anew; a decision stays with its row while it is still one of the choices."""
    before = {
        row.mark: row
        for row in uow.session.execute(
            select(
                ImportPair.mark, ImportPair.item_id, ImportPair.decision, ImportPair.decided_by,
                ImportPair.decided_at,
            ).where(ImportPair.batch_id == batch_id, ImportPair.decision.is_not(None))
        )
    }  # fmt: skip
    uow.session.execute(delete(ImportPair).where(ImportPair.batch_id == batch_id))
    rows = []
    for number, pair in enumerate(judgement.pairs, start=1):
        row = _row(batch_id, number, pair)
        decided = before.get(pair.mark)
        if decided is not None and _still_means(decided.decision, decided.item_id, pair):
            row |= {
                "decision": decided.decision, "decided_by": decided.decided_by,
                "decided_at": decided.decided_at,
            }  # fmt: skip
        rows.append(row)
    for start in range(0, len(rows), STAGED_AT_ONCE):
        uow.session.execute(insert(ImportPair), rows[start : start + STAGED_AT_ONCE])


def alike_as_kept(uow: UnitOfWork, batch_id: str, report: ImportReport) -> dict[str, Pair]:
    """Return the rows that the check found to look like another question, as it found them.

    What is accepted is what the person saw: a question that has come into the bank since holds nothing back.
    """
    kept = {
        mark: one for mark, one in queries.decisions(uow, batch_id).kept.items() if one.kind in LOOKING_ALIKE
    }
    if not kept:
        return {}
    found = ((fingerprint(located.item), located) for located in report.items)
    return {
        mark: Pair(kept[mark].kind, located, None, 0, kept[mark].item_id)
        for mark, located in found
        if mark in kept
    }


def decide_pair(uow: UnitOfWork, actor: Actor, batch_id: str, number: int, decision: Decision) -> None:
    """Decide what becomes of one row that resembles a question; it may be decided again until the file is accepted."""
    batch = _open_batch(uow, batch_id)
    pair = queries.get_pair(uow, batch_id, number)
    require(decision_reasons(pair.kind, decision), Invalid)
    if decision is Decision.VERSION:
        _require_version(uow, batch_id, pair)
    before = queries.brought_count(uow, batch_id, batch.rest_decision)
    uow.session.execute(
        update(ImportPair)
        .where(ImportPair.batch_id == batch_id, ImportPair.number == number)
        .values(decision=decision, decided_by=actor.person_id, decided_at=uow.now)
    )
    _count_anew(uow, batch, before)
    audit.record(
        uow, actor, "import_batch:decide", batch_id, number=number, row=pair.row, decision=decision,
        item_id=pair.item_id,
    )  # fmt: skip


def decide_rest(uow: UnitOfWork, actor: Actor, batch_id: str, decision: Decision) -> None:
    """Decide at once for all rows that look like another question and have no decision of their own."""
    batch = _open_batch(uow, batch_id)
    require(rest_reasons(decision), Invalid)
    before = queries.brought_count(uow, batch_id, batch.rest_decision)
    batch.rest_decision = decision
    uow.session.flush()
    _count_anew(uow, batch, before)
    audit.record(uow, actor, "import_batch:decide_rest", batch_id, decision=decision)


def _open_batch(uow: UnitOfWork, batch_id: str) -> ImportBatch:
    # Held to the end of the transaction, so that two who decide at once do not both count from the same number.
    batch = uow.session.get(ImportBatch, batch_id, with_for_update=True)
    if batch is None:
        raise NotFound
    require(decision_time_reasons(ImportState(batch.state)), Conflict)
    return batch


def _count_anew(uow: UnitOfWork, batch: ImportBatch, before: int) -> None:
    batch.new_count += queries.brought_count(uow, batch.id, batch.rest_decision) - before
    uow.session.flush()


def _require_version(uow: UnitOfWork, batch_id: str, pair: PairFacts) -> None:
    if pair.item_id is None or pair.item is None:
        raise NotFound
    stored = queries.get_item(uow, pair.item_id)
    others = [item_id for number, item_id in queries.version_rows(uow, batch_id) if number != pair.number]
    waiting = queries.open_review(uow, pair.item_id)
    require(
        [
            *version_reasons(pair.item, stored.item, stored.state, is_waiting=waiting is not None),
            *version_count_reasons(len(others) + 1, is_taken=pair.item_id in others),
        ],
        Conflict,
    )


def _still_means(decision: str, item_id: str | None, pair: Pair) -> bool:
    return Decision(decision) in CHOICES[pair.kind] and (
        decision != Decision.VERSION or item_id == pair.item_id
    )


def _row(batch_id: str, number: int, pair: Pair) -> dict[str, Any]:
    is_shown = number <= PAIRS_SHOWN_MAX and pair.other is not None
    return {
        "id": new_id(), "batch_id": batch_id, "number": number, "mark": pair.mark, "kind": pair.kind,
        "share": pair.share, "sheet": pair.row.sheet, "row": pair.row.row, "item_id": pair.item_id,
        "other_sheet": pair.other_sheet, "other_row": pair.other_row,
        "body": item_to_json(pair.row.item) if is_shown else None,
        "other_body": item_to_json(pair.other) if is_shown and pair.other is not None else None,
        "decision": None, "decided_by": None, "decided_at": None,
    }  # fmt: skip
