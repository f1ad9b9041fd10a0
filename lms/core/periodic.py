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
    every_seconds: float
    run: "Callable[[Runtime], None]"
    takes_slot: bool = True
    """Whether one scheduler does it for all. What may run beside itself needs none: a slot is a durable write."""
    is_urgent: bool = False
    """Whether it has a thread of its own, so that nothing else that is slow today holds it up."""


def take_slot(runtime: "Runtime", work: Periodic) -> bool:
    """Take the present slot of a periodic work; False when it was taken already.

    A slot that this process saw taken is remembered, so that a tick asks the database only of slots that are new.
    """
    slot = runtime.clock.now_ms() // int(work.every_seconds * 1000)
    remembered = f"slot:{work.name}"
    if (seen := runtime.recent.get(remembered)) is not None and seen >= slot:
        return False
    if not work.takes_slot:
        runtime.recent.put(remembered, slot)
        return True
    with runtime.read() as uow:
        last = uow.session.execute(select(PeriodicSlot.slot).where(PeriodicSlot.name == work.name)).scalar()
    if last is None or last < slot:
        is_taken = _take(runtime, work, slot, is_new=last is None)
        last = slot
    else:
        is_taken = False
    runtime.recent.put(remembered, last)
    return is_taken


def _take(runtime: "Runtime", work: Periodic, slot: int, *, is_new: bool) -> bool:
    """Take a slot that seems to be free; False when somebody else was faster."""
    with runtime.write() as uow:
        if is_new:
            fresh = insert_new(uow.session, PeriodicSlot, PeriodicSlot.name).values(name=work.name, slot=slot)
            return uow.session.execute(fresh.returning(PeriodicSlot.name)).first() is not None
        result = uow.session.execute(
            update(PeriodicSlot)
            .where(PeriodicSlot.name == work.name, PeriodicSlot.slot < slot)
            .values(slot=slot)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1
