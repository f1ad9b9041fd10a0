"""What an employer does with the register: checking a list of certificates that he was shown."""

from collections.abc import Sequence

from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.registry.policy.files import BATCHES_PER_MINUTE, BatchRow, RowState
from lms.registry.queries.verification import RowAnswer, answer_rows
from lms.registry.service.entries import count_lookup


def check_list(uow: UnitOfWork, actor: Actor, rows: Sequence[BatchRow]) -> list[RowAnswer]:
    """Answer an employer's list and record that it was checked: how many rows, never which.

    Raises TooManyLookups when the same person checks many lists within a minute.
    """
    count_lookup(uow, f"person:{actor.person_id}", BATCHES_PER_MINUTE)
    answers = answer_rows(uow, rows)
    found = sum(one.standing not in (RowState.NOT_FOUND, RowState.FAULTY) for one in answers)
    record(uow, actor, "certificate_list:check", actor.person_id or "", count=len(answers), found=found)
    return answers
