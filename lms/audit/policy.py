"""The rule of the chain."""

import hashlib
from datetime import datetime

from lms.core.clock import to_ms

GENESIS = "0" * 64


def chain_hash(
    previous: str, event_id: int, at: datetime, actor_id: str | None, actor_label: str, tag: str, subject_id: str,
    fields: str,
) -> str:  # fmt: skip
    """Return the SHA-256 over the previous link and one event's row (invariant U1)."""
    row = "\x1f".join(
        [previous, str(event_id), str(to_ms(at)), actor_id or "", actor_label, tag, subject_id, fields]
    )
    return hashlib.sha256(row.encode()).hexdigest()
