"""What happened in the study room that somebody should be told."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class AppealDecided(Event):
    """An appeal was granted or refused; the person who made it is told."""

    appeal_id: str


@dataclass(frozen=True, slots=True)
class RemindersKept(Event):
    """People were reminded, and their mails wait to be sent."""

    round_id: str
