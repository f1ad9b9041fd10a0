"""Where a list stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number (from 1), how many lines a page holds, how many there are in all."""

    number: int
    size: int
    total: int
    is_more: bool = False
    """Whether there are more than `total`: a list may stop counting where nobody leafs any further."""

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return page_count(self.total, self.size)


def page_count(total: int, size: int) -> int:
    """Return how many pages a list of `total` lines fills, at least one."""
    return max(1, -(-total // size))
