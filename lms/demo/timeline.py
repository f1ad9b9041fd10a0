"""Telling many stories at once, in the order in which things happened.

A story is a generator. It yields the moment of its next act, is called again when that moment has come,
does the act, and yields the next one. So each story reads from top to bottom, while the record of the
house (numbers, logs, the audit chain) runs through all of them in the order of time.
"""

import heapq
from collections.abc import Generator, Iterable
from datetime import datetime

Story = Generator[datetime, None, None]


class OutOfTime(ValueError):
    """A story wants to act before what it has done already, or after the moment at which the telling ends."""


def tell_all(stories: Iterable[Story], end: datetime) -> None:
    """Tell every story to its end. Raises OutOfTime for a story that leaves the order of time."""
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        moment = next(story, None)
        if moment is not None:
            heapq.heappush(waiting, (moment, number, story))
    while waiting:
        moment, number, story = heapq.heappop(waiting)
        if moment > end:
            raise OutOfTime(f"story {number} would act at {moment}, after {end}")
        following = next(story, None)
        if following is None:
            continue
        if following < moment:
            raise OutOfTime(f"story {number} goes back from {moment} to {following}")
        heapq.heappush(waiting, (following, number, story))
