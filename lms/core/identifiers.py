"""Opaque identifiers."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 16


def new_id() -> str:
    """Return a random 16-character identifier (80 bits, base 32 without look-alikes).

    Identifiers appear in addresses, so they must not be guessable from one another (fault B11).
    """
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))
