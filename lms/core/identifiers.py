"""Opaque identifiers."""

import base64
import secrets

_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_SPELLED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
ID_LENGTH = 16
_RANDOM_BYTES = 10


def new_id() -> str:
    """Return a random 16-character identifier (80 bits, base 32 without look-alikes).

    Identifiers appear in addresses, so they must not be guessable from one another (fault B11). One call of the
    system for each: an import makes two identifiers a row.
    """
    return base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).translate(_SPELLED).decode()
