"""What happened to people."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class RecoveryRequested(Event):
    """A person asked for a way back in; the mail leaves after the commit."""

    recovery_id: str
    sealed_token: str
