"""What happened in the registry that somebody should be told."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class ExpiryRemindersKept(Event):
    """Holders were reminded that their certificates end, and their mails wait to be sent."""

    round_id: str
