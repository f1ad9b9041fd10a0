"""How moments, durations, numbers and personal data read on a page.

Pure functions for templates: no clock, no database, no Flask. Instants are aware datetimes and are
shown in Asia/Shanghai; durations are whole seconds; points are whole hundredths. Nothing here ever
rounds up towards a limit: 179:59 is not 180 分钟. `FILTERS` names what the templates may use.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PAGE_ZONE = ZoneInfo("Asia/Shanghai")

_WEEKDAYS = "一二三四五六日"
_MASK = "*"
# From this many days on, the hours no longer help anybody to plan.
_DAYS_WITHOUT_HOURS = 2
# Identity numbers had 15 characters before they had 18; documents with fewer are of another kind.
_IDENTITY_NUMBER_SHORTEST = 15
_MOBILE_DIGITS = 11
_TWO_CHARACTER_NAME = 2
_KILO = 1024
_SIZE_UNITS = ("KB", "MB", "GB", "TB")


def _local(value: datetime) -> datetime:
    """Move an aware datetime to the zone of the pages; a naive one is a mistake of the caller."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError("a page shows aware datetimes only")
    return value.astimezone(PAGE_ZONE)


def _day(value: date | datetime) -> date:
    """Return the calendar day on the page for an instant or a plain date."""
    return _local(value).date() if isinstance(value, datetime) else value


def _whole_seconds(seconds: float) -> int:
    """Drop the fraction of a duration. A negative duration is a mistake of the caller."""
    if seconds < 0:
        raise ValueError("a duration is never negative")
    return int(seconds)


def date_cn(value: date | datetime | None) -> str:
    """Write a day in full: 2026年11月21日. None is an empty string."""
    if value is None:
        return ""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日"


def date_short(value: date | datetime | None, *, weekday: bool = True) -> str:
    """Write a day inside a running plan, without the year: 12月5日（周六）."""
    if value is None:
        return ""
    day = _day(value)
    short = f"{day.month}月{day.day}日"
    return f"{short}（周{_WEEKDAYS[day.weekday()]}）" if weekday else short


def date_iso(value: date | datetime | None) -> str:
    """Write a day as inputs take it and tables of record show it: 2009-07-01."""
    return "" if value is None else _day(value).isoformat()


def time_cn(value: datetime | None, *, seconds: bool = False) -> str:
    """Write the time of day: 14:30, or 15:04:26 where seconds matter."""
    if value is None:
        return ""
    return _local(value).strftime("%H:%M:%S" if seconds else "%H:%M")


def datetime_cn(value: datetime | None, *, year: bool = True, seconds: bool = False) -> str:
    """Write an instant: 2026年12月5日 14:30; without the year inside a running plan."""
    if value is None:
        return ""
    day = date_cn(value) if year else date_short(value, weekday=False)
    return f"{day} {time_cn(value, seconds=seconds)}"


def remaining_cn(seconds: float) -> str:
    """Say how long is left, in the one or two units a person needs, rounded down.

    From two days on: 13 天; on the last day but one: 1 天 8 小时; then 5 小时 20 分, 12 分, 40 秒.
    """
    whole = _whole_seconds(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days >= _DAYS_WITHOUT_HOURS:
        return f"{days} 天"
    if days:
        return f"{days} 天 {hour} 小时" if hour else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minute} 分" if minute else f"{hours} 小时"
    if minutes:
        return f"{minutes} 分钟"
    return f"{second} 秒"


def deadline_cn(value: datetime | None, now: datetime | None = None) -> str:
    """Write a deadline with its hour, and what is left of it when `now` is given.

    Midnight belongs to the day that ends there: 12月4日 24:00（还有 13 天）. The year is written only
    when it differs from the year of `now`. A deadline that has come is （已截止）.
    """
    if value is None:
        return ""
    local = _local(value)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        day, hour = (local - timedelta(days=1)).date(), "24:00"
    else:
        day, hour = local.date(), time_cn(value)
    if now is None:
        return f"{date_short(day, weekday=False)} {hour}"
    shown = date_short(day, weekday=False) if day.year == _local(now).year else date_cn(day)
    left = (value.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
    return f"{shown} {hour}（还有 {remaining_cn(left)}）" if left > 0 else f"{shown} {hour}（已截止）"


def meter(seconds: float) -> str:
    """Write a duration as minutes and seconds, as meters and tables show it: 66:36, 180:00, 0:45."""
    minutes, second = divmod(_whole_seconds(seconds), 60)
    return f"{minutes}:{second:02d}"


def duration_words(seconds: float) -> str:
    """Write a duration as sentences say it: 113 分 24 秒, 180 分钟, 45 秒."""
    minutes, second = divmod(_whole_seconds(seconds), 60)
    if not minutes:
        return f"{second} 秒"
    return f"{minutes} 分 {second} 秒" if second else f"{minutes} 分钟"


def mask_id(value: str | None) -> str:
    """Hide the middle of an identity number: 3401**********0021.

    An 18-character number keeps four characters at each end. Shorter numbers of other documents
    keep one at each end, because eight of nine characters would hide nothing.
    """
    if not value:
        return ""
    kept = 4 if len(value) >= _IDENTITY_NUMBER_SHORTEST else 1
    if len(value) <= 2 * kept:
        return _MASK * len(value)
    return value[:kept] + _MASK * (len(value) - 2 * kept) + value[-kept:]


def mask_mobile(value: str | None) -> str:
    """Hide the middle of a mobile number: 138****5620. Too short a number is hidden whole."""
    if not value:
        return ""
    return f"{value[:-8]}****{value[-4:]}" if len(value) >= _MOBILE_DIGITS else _MASK * len(value)


def mask_name(value: str | None) -> str:
    """Hide a name for public pages: 林*禾, 王*, 欧**月. The number of characters stays."""
    if not value:
        return ""
    if len(value) <= _TWO_CHARACTER_NAME:
        return value[: len(value) - 1] + _MASK
    return value[0] + _MASK * (len(value) - 2) + value[-1]


def certificate_number_parts(value: str | None) -> str:
    """Write a certificate number in its parts: 26 34010005 2 0037.

    Year 2, institution 8, level 1, serial 4 (C6); the legacy form has an institution of 7 (H1).
    A number of another shape is shown as it stands: nothing is padded or cut.
    """
    if not value:
        return ""
    digits = "".join(value.split())
    institution = len(digits) - 7
    if institution not in (7, 8) or not (digits.isascii() and digits.isdigit()):
        return value
    return f"{digits[:2]} {digits[2 : 2 + institution]} {digits[-5]} {digits[-4:]}"


def score(hundredths: int | None) -> str:
    """Write points held as whole hundredths, exactly: 9000 is 90, 8950 is 89.5, 8995 is 89.95."""
    if hundredths is None:
        return ""
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def percent(part: int, whole: int) -> str:
    """Write a share as a whole percentage, rounded down, so that 100% means all: 37%, 99%."""
    return f"{part * 100 // whole}%" if whole > 0 else "—"


def file_size(count: int) -> str:
    """Write a number of bytes: 76 KB, 1.8 MB. Rounded down, so that a limit never looks kept."""
    if count < 0:
        raise ValueError("a size is never negative")
    if count < _KILO:
        return f"{count} 字节"
    scale = _KILO
    unit = 0
    while count >= scale * _KILO and unit < len(_SIZE_UNITS) - 1:
        scale *= _KILO
        unit += 1
    tenths = count * 10 // scale
    whole, tenth = divmod(tenths, 10)
    shown = f"{whole}.{tenth}" if tenth and unit else f"{whole}"
    return f"{shown} {_SIZE_UNITS[unit]}"


def thousands(count: int | None) -> str:
    """Write a count with separators: 1,248."""
    return "" if count is None else f"{count:,}"


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        date_cn,
        date_short,
        date_iso,
        time_cn,
        datetime_cn,
        deadline_cn,
        remaining_cn,
        meter,
        duration_words,
        mask_id,
        mask_mobile,
        mask_name,
        certificate_number_parts,
        score,
        percent,
        file_size,
        thousands,
    )
}
