"""What happened to courses."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class VideoUploaded(Event):
    """A lesson's video lies in the store as it was uploaded; `turn` counts the files of this lesson."""

    lesson_id: str
    turn: int

    @property
    def run(self) -> str:
        """What the job is for: one file of one lesson."""
        return f"{self.lesson_id}-{self.turn}"


@dataclass(frozen=True, slots=True)
class VideoSettled(Event):
    """A lesson's video is ready or was refused; the one who uploaded it may have left the page."""

    lesson_id: str
    turn: int
