"""The rules of pace: what even study gives by now, what is needed on each day left, and when somebody would finish.

Pure. All figures are whole seconds; days are days in Asia/Shanghai.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from lms.core.clock import to_ms
from lms.core.errors import N_, Reason

_ZONE = timezone(timedelta(hours=8))
MINUTE = 60
DAY_MS = 24 * 3600 * 1000
ZONE_MS = 8 * 3600 * 1000
EVERY_DAYS_MAX = 30
FIRST_HOUR, LAST_HOUR = 9, 20
"""Nobody is reminded at night."""


def pace_seconds(required: int, opens: datetime, closes: datetime, now: datetime) -> int:
    """Return what somebody who studies evenly through the window has by now, in whole seconds.

    Who has less is called behind. Nothing is expected before the window opens, everything once it is closed.
    """
    if now <= opens:
        return 0
    if now >= closes:
        return required
    return required * (now - opens) // (closes - opens)


def begins(opens: datetime, admitted: datetime | None) -> datetime:
    """Return from when even study is expected of somebody: whoever was admitted late begins on that day."""
    return max(opens, admitted) if admitted is not None else opens


def is_behind(
    *,
    counted: int,
    required: int,
    opens: datetime,
    closes: datetime,
    admitted: datetime | None,
    now: datetime,
) -> bool:
    """Tell whether somebody has less than even study gives; lists ask the same of many in `queries/classes.py`."""
    return counted < pace_seconds(required, begins(opens, admitted), closes, now)


def day_number(moment: datetime) -> int:
    """Return the number of a day in Asia/Shanghai, counted from 1970."""
    return (to_ms(moment) + ZONE_MS) // DAY_MS


def days_left(closes: datetime, now: datetime) -> int:
    """Return on how many days, today among them, somebody can still study."""
    if now >= closes:
        return 0
    return (
        (closes - timedelta(milliseconds=1)).astimezone(_ZONE).toordinal()
        - now.astimezone(_ZONE).toordinal()
        + 1
    )


def daily_seconds(missing: int, left: int) -> int:
    """Return what is to be studied on each day that is left, in whole minutes; everything when no day is left."""
    return min(missing, -(-missing // (left * MINUTE)) * MINUTE) if left else missing


@dataclass(frozen=True, slots=True)
class Outlook:
    """How somebody gets on: what is missing, what is needed a day, and when he finishes as he goes on."""

    missing: int
    days_left: int
    needed_a_day: int
    own_a_day: int
    """What he has studied a day since he began; 0 when that says nothing yet."""
    finishes_at: datetime | None
    """None when he has not begun, has finished, or would take longer than anybody plans."""
    is_in_time: bool


LONGEST = timedelta(days=366)


def outlook(
    *, counted: int, required: int, began: datetime | None, closes: datetime, now: datetime
) -> Outlook:
    """Return how somebody gets on who began to study at a moment (None: not yet)."""
    missing = max(0, required - counted)
    left = days_left(closes, now)
    finishes: datetime | None = None
    own = 0
    if began is not None and counted > 0:
        own = counted // (now.astimezone(_ZONE).toordinal() - began.astimezone(_ZONE).toordinal() + 1)
        if missing and own:
            ahead = timedelta(days=-(-missing // own))
            finishes = now + ahead if ahead <= LONGEST else None
    return Outlook(
        missing, left, daily_seconds(missing, left), own, finishes,
        not missing or (finishes is not None and finishes <= closes),
    )  # fmt: skip


def is_hour_for_reminders(now: datetime) -> bool:
    """Tell whether the house may remind by itself at this hour."""
    return FIRST_HOUR <= now.astimezone(_ZONE).hour < LAST_HOUR


def reminder_reasons(
    *, opens: datetime, closes: datetime, now: datetime, behind: int, reminded: int
) -> list[Reason]:
    """Say why nobody can be reminded now. `behind` are those who are behind, `reminded` those of them told today."""
    if not opens <= now < closes:
        return [
            Reason(
                "reminder.closed", N_("只在学习时间内提醒"), N_("现在不在这个计划的学习时间内"),
                N_("学习开始之后再提醒"), source="A21",
            )
        ]  # fmt: skip
    if behind == 0:
        return [
            Reason(
                "reminder.nobody",
                N_("只提醒低于按期节奏的人"),
                N_("现在没有这样的人"),
                N_("不需要提醒"),
                source="A21",
            )
        ]
    if reminded >= behind:
        return [
            Reason(
                "reminder.today", N_("每人每天最多提醒一次"), N_("低于节奏的人今天都已提醒过"), N_("请明天再提醒"),
                source="A21",
            )
        ]  # fmt: skip
    return []
