"""What happened in the registry: reminders that were kept, changes that were decided, registers that are taken over.

`turn` counts how often work on a register's file was asked for.
"""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class ExpiryRemindersKept(Event):
    """Holders were reminded that their certificates end, and their mails wait to be sent."""

    round_id: str


@dataclass(frozen=True, slots=True)
class ChangeDecided(Event):
    """A registrar has accepted or refused a change request."""

    change_id: str


@dataclass(frozen=True, slots=True)
class _RegisterEvent(Event):
    import_id: str
    turn: int

    @property
    def run(self) -> str:
        """What the job that follows is for: each turn of a file has its own."""
        return f"{self.import_id}-{self.turn}"


@dataclass(frozen=True, slots=True)
class RegistryUploaded(_RegisterEvent):
    """A register waits to be checked."""


@dataclass(frozen=True, slots=True)
class RegistryConfirmed(_RegisterEvent):
    """Somebody decided that the new rows of a checked register are entered."""
