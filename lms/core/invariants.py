"""Invariants: statements about the whole database that must always hold.

Each room lists its own; `lms check-invariants` runs them all against the live database and prints
the offending rows. Tests and operators run the same command.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from lms.core.unit_of_work import UnitOfWork

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule of part 3 of the reliability plan; `violations` returns the rows that break it."""

    id: str
    says: str
    violations: "Callable[[UnitOfWork], Rows]"


def by_sql(invariant_id: str, says: str, sql: str, **parameters: Any) -> Invariant:
    """Build an invariant from a SELECT that must return no row. ``:now`` is the clock in milliseconds."""

    def violations(uow: "UnitOfWork") -> Rows:
        values = dict(parameters)
        if ":now" in sql:
            values["now"] = int(uow.now.timestamp() * 1000)
        return [tuple(row) for row in uow.session.execute(text(sql), values)]

    return Invariant(invariant_id, says, violations)


def check(uow: "UnitOfWork", invariants: Iterable[Invariant]) -> dict[str, Rows]:
    """Return the violations by invariant id; an empty mapping means that all hold."""
    found = {invariant.id: invariant.violations(uow) for invariant in invariants}
    return {key: rows for key, rows in found.items() if rows}
