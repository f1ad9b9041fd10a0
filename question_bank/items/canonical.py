"""The one written form that fingerprints and hashes are taken over."""

import json


def canonical_json(value: object) -> bytes:
    """Write plain JSON values in the one form that hashes are taken over: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
