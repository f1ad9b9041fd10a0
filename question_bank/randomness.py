"""A stream of random choices that is the same on every machine and every Python version.

`random.Random` promises only its `random()` across versions, and a drawn paper must be reproducible for as
long as its records are kept, so the stream is SHA-256 over the seed and a counter, read eight bytes at a
time.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")

_WORD_BYTES = 8
_WORDS = 1 << (8 * _WORD_BYTES)


class SeedStream:
    """Random choices from `seed`; secrecy and evenness are those of the seed, so give it CSPRNG output."""

    def __init__(self, seed: str | bytes, purpose: str) -> None:
        raw = seed.encode() if isinstance(seed, str) else seed
        self._root = hashlib.sha256(purpose.encode() + b"\x00" + raw).digest()
        self._counter = 0
        self._buffer = b""

    def below(self, limit: int) -> int:
        """Return an even choice from 0 to `limit` - 1."""
        fair = _WORDS - _WORDS % limit
        while True:
            word = int.from_bytes(self._take(_WORD_BYTES))
            # Words past the last whole multiple are thrown away, or small numbers would come up more often.
            if word < fair:
                return word % limit

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """Return `things` in an even random order (Fisher-Yates)."""
        order = list(things)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def token(self, size: int = 4) -> str:
        """Return `size` random bytes as hex digits."""
        return self._take(size).hex()

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._buffer += hashlib.sha256(self._root + self._counter.to_bytes(8)).digest()
            self._counter += 1
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken
