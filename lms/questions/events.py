"""What happened to uploaded files; `turn` counts how often work on the file was asked for."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class _BatchEvent(Event):
    batch_id: str
    turn: int

    @property
    def run(self) -> str:
        """What the job that follows is for: each turn of a file has its own."""
        return f"{self.batch_id}-{self.turn}"


@dataclass(frozen=True, slots=True)
class ImportUploaded(_BatchEvent):
    """A file waits to be checked, for the first time or with other settings."""


@dataclass(frozen=True, slots=True)
class ImportConfirmed(_BatchEvent):
    """Somebody decided that the good rows of a checked file come in."""


@dataclass(frozen=True, slots=True)
class ImportSettled(_BatchEvent):
    """Long work on a file has ended, well or not, and the person may have left the page."""
