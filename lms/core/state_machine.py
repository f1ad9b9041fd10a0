"""State machines as tables: one transition table per machine, in its room's policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """One named verb: the states it may start from, and the state it leads to."""

    sources: tuple[State, ...]
    target: State


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[State]):
    """A named table of verbs. `initial` is the state a new subject is born in."""

    name: str
    initial: State
    moves: Mapping[str, Move[State]]

    def allows(self, verb: str, state: State) -> bool:
        """Tell whether the verb may be used in the state."""
        return state in self.moves[verb].sources

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return every legal (from, to) pair; the invariant A1 compares the log with it."""
        return frozenset(
            (str(source), str(move.target)) for move in self.moves.values() for source in move.sources
        )
