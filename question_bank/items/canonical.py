"""The one written form that fingerprints and hashes are taken over."""

import json

_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_json(value: object) -> bytes:
    """Write plain JSON values in the one form that hashes are taken over: sorted keys, no spaces, UTF-8."""
    return _written(value).encode()
