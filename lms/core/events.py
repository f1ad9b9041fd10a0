"""Events: what happened in a room that rooms ahead of it may react to."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in the past tense. It carries identifiers only, never personal values (fault G1)."""

    def payload(self) -> dict[str, str | int]:
        """Return the fields as JSON-ready values; they become the arguments of the jobs that react."""
        return asdict(self)
