"""Opaque identifiers."""

import base64
import secrets

_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_SPELLED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
ID_LENGTH = 16
_RANDOM_BYTES = 10


def new_id() -> str:
    """Return a random 16-character identifier (80 bits, base 32 without look-alikes).

    Identifiers appear in addresses, so they must not be guessable from one another (fault B11).
    """
    return _spelled(_RANDOM_BYTES)


def new_ids(count: int) -> list[str]:
    """Return as many random identifiers in rising order, for rows that are stored together.

    In order they stand side by side in an index, and a list by id keeps the order in which they were given out.
    """
    letters = _spelled(count * _RANDOM_BYTES)
    return sorted(letters[start : start + ID_LENGTH] for start in range(0, len(letters), ID_LENGTH))


def marked_id(mark: str) -> str:
    """Return an identifier that begins with a letter no other one begins with: i, l, o or u."""
    return mark + new_id()[1:]


def _spelled(byte_count: int) -> str:
    return base64.b32encode(secrets.token_bytes(byte_count)).translate(_SPELLED).decode()
