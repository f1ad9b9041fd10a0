"""The one written form that fingerprints and hashes are taken over."""

import json

_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_text(value: object) -> str:
    """Write plain JSON values in the one form that hashes are taken over: sorted keys, no spaces."""
    return _written(value)


def canonical_json(value: object) -> bytes:
    """Write plain JSON values as `canonical_text` does, in UTF-8."""
    return _written(value).encode()
