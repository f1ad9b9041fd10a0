"""Periodic work: a slot is taken by a conditional update in the database.

Two schedulers never fire the same slot twice, and a slot missed while down is simply the next one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CursorResult, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base, insert_new

if TYPE_CHECKING:
    from lms.core.unit_of_work import Runtime


class PeriodicSlot(Base):
    """The last slot that was taken of each periodic work."""

    __tablename__ = "periodic_slot"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A sweeper and how often it runs."""

    name: str
    every_seconds: int
    run: "Callable[[Runtime], None]"


def take_slot(runtime: "Runtime", work: Periodic) -> bool:
    """Take the present slot of a periodic work; False when it was taken already."""
    slot = runtime.clock.now_ms() // (work.every_seconds * 1000)
    with runtime.read() as uow:
        last = uow.session.execute(select(PeriodicSlot.slot).where(PeriodicSlot.name == work.name)).scalar()
    if last is not None and last >= slot:
        return False
    with runtime.write() as uow:
        if last is None:
            fresh = insert_new(uow.session, PeriodicSlot, PeriodicSlot.name).values(name=work.name, slot=slot)
            return uow.session.execute(fresh.returning(PeriodicSlot.name)).first() is not None
        result = uow.session.execute(
            update(PeriodicSlot)
            .where(PeriodicSlot.name == work.name, PeriodicSlot.slot < slot)
            .values(slot=slot)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1
