"""Refusals in the words of the command line."""

from lms.core.errors import Refusal
from lms.core.speech import say


def in_words(refusal: Refusal) -> str:
    """Put a refusal into the words that an operator reads at his terminal."""
    parts = [
        say(text, reason.params)
        for reason in refusal.reasons
        for text in (reason.rule, reason.now, reason.way_out)
        if text
    ]
    return "; ".join(parts) or refusal.code
