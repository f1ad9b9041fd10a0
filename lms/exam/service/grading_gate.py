"""Who grades and who corrects keep out of each other's way, plan by plan.

On SQLite the writing transaction is the gate. On PostgreSQL it is an advisory lock: closings of one plan pass
together, a release or a reversal waits for them and keeps later ones out until it has committed.
"""

import hashlib

from sqlalchemy import BigInteger, Text, bindparam, cast, func, select

from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork

_KEY_DIGITS = 15
_GRADING = ReadyStatement(
    select(cast(func.pg_advisory_xact_lock_shared(bindparam("key", type_=BigInteger)), Text))
)
"""Everybody who hands in waits for it."""


def grading(uow: UnitOfWork, plan_id: str) -> None:
    """Grade beside others, but not beside a correction of the same plan."""
    if uow.session.get_bind().dialect.name != "sqlite":
        _GRADING.rows(uow.session, {"key": _key(plan_id)})


def correcting(uow: UnitOfWork, plan_id: str) -> None:
    """Be alone with the scores of a plan until the end of the transaction."""
    if uow.session.get_bind().dialect.name != "sqlite":
        uow.session.execute(select(func.pg_advisory_xact_lock(_key(plan_id))))


def _key(plan_id: str) -> int:
    return int(hashlib.sha256(f"exam.corrections:{plan_id}".encode()).hexdigest()[:_KEY_DIGITS], 16)
