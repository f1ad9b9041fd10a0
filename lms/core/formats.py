"""How moments, durations, numbers and personal data read on a page, in the language of its reader.

No clock, no database. Every word and every order of parts comes from the catalogue, so that outside a
request, as in jobs, all of it is Chinese. Instants are aware datetimes and are shown in Asia/Shanghai;
durations are whole seconds; points are whole hundredths. Nothing here ever rounds up towards a limit:
179:59 is not 180 分钟. `FILTERS` names what the templates may use.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from lms.core.catalogue import gettext, ngettext
from lms.core.errors import N_

PAGE_ZONE = ZoneInfo("Asia/Shanghai")

_MONTHS = (
    N_("1月"), N_("2月"), N_("3月"), N_("4月"), N_("5月"), N_("6月"),
    N_("7月"), N_("8月"), N_("9月"), N_("10月"), N_("11月"), N_("12月"),
)  # fmt: skip
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_MASK = "*"
# From this many days on, the hours no longer help anybody to plan.
_DAYS_WITHOUT_HOURS = 2
# Identity numbers had 15 characters before they had 18; documents with fewer are of another kind.
_IDENTITY_NUMBER_SHORTEST = 15
_HOURS_OF_A_DAY = 24
_MOBILE_DIGITS = 11
_TWO_CHARACTER_NAME = 2
_KILO = 1024
_OFFICE_WORDS = re.compile("(职业技能|评价|鉴定|指导|中心)")
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
    """Write a day in full: 2026年11月21日, 21 Nov 2026. None is an empty string."""
    if value is None:
        return ""
    day = _day(value)
    return gettext(
        "%(year)s年%(month)s%(day)s日", year=day.year, month=gettext(_MONTHS[day.month - 1]), day=day.day
    )


def date_short(value: date | datetime | None, *, weekday: bool = True, now: datetime | None = None) -> str:
    """Write a day inside a running plan, without the year: 12月5日（周六）, Sat 5 Dec.

    With `now` a day of another year is written in full: a month and a day alone would be read as this year's.
    """
    if value is None:
        return ""
    day = _day(value)
    if now is not None and day.year != _local(now).year:
        return date_cn(day)
    short = gettext("%(month)s%(day)s日", month=gettext(_MONTHS[day.month - 1]), day=day.day)
    if not weekday:
        return short
    return gettext("%(date)s（%(weekday)s）", date=short, weekday=gettext(_WEEKDAYS[day.weekday()]))


def date_span(first: datetime, until: datetime, now: datetime | None = None) -> str:
    """Write the days of a window inside a running plan; its end is not part of it: 12月1日—12月4日, 1 Dec – 4 Dec.

    With `now` a day of another year has its year.
    """
    one, last = (date_short(day, weekday=False, now=now) for day in (first, _ending_day(until)[0]))
    return one if one == last else gettext("%(first_day)s—%(last_day)s", first_day=one, last_day=last)


def month(value: date | None, *, year: bool = False) -> str:
    """Write a month: 12月, Dec; with its year 2026年12月, Dec 2026."""
    if value is None:
        return ""
    name = gettext(_MONTHS[value.month - 1])
    return gettext("%(year)s年%(month)s", year=value.year, month=name) if year else name


def date_iso(value: date | datetime | None) -> str:
    """Write a day as inputs take it and tables of record show it: 2009-07-01."""
    return "" if value is None else _day(value).isoformat()


def time_cn(value: datetime | None, *, seconds: bool = False, now: datetime | None = None) -> str:
    """Write the time of day: 14:30, or 15:04:26 where seconds matter.

    With `now` a moment of another day bears its day, 11月20日 14:30: who looks later must not take it for today's.
    Beside a moment that is written in full, that moment is the `now`.
    """
    if value is None:
        return ""
    local = _local(value)
    hour = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    if now is None or local.date() == _local(now).date():
        return hour
    return _day_and_time(date_short(value, weekday=False, now=now), hour)


def datetime_cn(value: datetime | None, *, now: datetime | None = None, seconds: bool = False) -> str:
    """Write an instant: 2026年12月5日 14:30; without its year when that is the year of `now`."""
    if value is None:
        return ""
    day = date_short(value, weekday=False, now=now) if now is not None else date_cn(value)
    return _day_and_time(day, time_cn(value, seconds=seconds))


def moment(value: datetime | None) -> str:
    """Write a moment that may be the end of a day, with its year: 2026年12月4日 24:00, 4 Dec 2026, 24:00.

    24:00 stays in every language: 00:00 of the next day would be read as a day more.
    """
    if value is None:
        return ""
    day, hour = _ending_day(value)
    return _day_and_time(date_cn(day), hour)


def _day_and_time(day: str, hour: str) -> str:
    return gettext("%(day)s %(time)s", day=day, time=hour)


def _ending_day(value: datetime) -> tuple[date, str]:
    """Return day and hour of an instant; midnight belongs to the day that ends there."""
    local = _local(value)
    if _is_midnight(local):
        return (local - timedelta(days=1)).date(), "24:00"
    return local.date(), time_cn(value)


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def remaining_cn(seconds: float) -> str:
    """Say how long is left, in the one or two units a person needs, rounded down.

    From two days on: 13 天; on the last day but one: 1 天 8 小时; then 5 小时 20 分, 12 分, 40 秒.
    """
    whole = _whole_seconds(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        words = ngettext("%(num)s 天", "%(num)s 天", days)
        if hour and days < _DAYS_WITHOUT_HOURS:
            words += " " + ngettext("%(num)s 小时", "%(num)s 小时", hour)
        return words
    if hours and minute:
        return gettext("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=minute)
    if hours:
        return ngettext("%(num)s 小时", "%(num)s 小时", hours)
    return (
        gettext("%(minutes)s 分钟", minutes=minutes) if minutes else gettext("%(seconds)s 秒", seconds=second)
    )


def opening_cn(value: datetime | None, now: datetime | None = None, *, year: bool = False) -> str:
    """Write the moment something opens, and how long that takes when `now` is given and before it.

    Midnight is the first moment of the day that begins there: 11月22日 0:00（还有 14 小时）. The year is written
    when it is asked for, or when it differs from the year of `now`.
    """
    if value is None:
        return ""
    local = _local(value)
    with_year = year or (now is not None and local.year != _local(now).year)
    shown = _day_and_time(
        date_cn(local) if with_year else date_short(local, weekday=False),
        "0:00" if _is_midnight(local) else time_cn(value),
    )
    left = (value.astimezone(UTC) - now.astimezone(UTC)).total_seconds() if now is not None else 0
    return (
        gettext("%(deadline)s（还有 %(left)s）", deadline=shown, left=remaining_cn(left))
        if left > 0
        else shown
    )


def deadline_cn(value: datetime | None, now: datetime | None = None) -> str:
    """Write a deadline with its hour, and what is left of it when `now` is given.

    Midnight belongs to the day that ends there: 12月4日 24:00（还有 13 天）. The year is written only
    when it differs from the year of `now`. A deadline that has come is （已截止）.
    """
    if value is None:
        return ""
    day, hour = _ending_day(value)
    if now is None:
        return _day_and_time(date_short(day, weekday=False), hour)
    in_year = day.year == _local(now).year
    shown = _day_and_time(date_short(day, weekday=False) if in_year else date_cn(day), hour)
    left = (value.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
    if left <= 0:
        return gettext("%(deadline)s（已截止）", deadline=shown)
    return gettext("%(deadline)s（还有 %(left)s）", deadline=shown, left=remaining_cn(left))


def window_cn(opens: datetime, closes: datetime) -> Markup:
    """Write a window from its opening to its deadline: 2026年11月21日 0:00 — 12月8日 24:00; neither half breaks."""
    day, hour = _ending_day(closes)
    same_year = day.year == _local(opens).year
    last = _day_and_time(date_short(day, weekday=False) if same_year else date_cn(day), hour)
    half = Markup('<span class="nowrap">{}</span>')
    between_them = gettext(" — ")
    return Markup("{}{}{}").format(half.format(opening_cn(opens, year=True)), between_them, half.format(last))


def meter(seconds: float) -> str:
    """Write a duration as minutes and seconds, as meters and tables show it: 66:36, 180:00, 0:45."""
    minutes, second = divmod(_whole_seconds(seconds), 60)
    return f"{minutes}:{second:02d}"


def countdown(seconds: float) -> str:
    """Write what is left until an opening, as the script beside it counts it down: 0:45, 12:05, 5:09:07.

    Below an hour it reads like every meter; from a day on days and hours are what helps: 1 天 8 小时.
    """
    whole = _whole_seconds(seconds)
    hours, rest = divmod(whole, 3600)
    if hours >= _HOURS_OF_A_DAY:
        return remaining_cn(whole)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else meter(rest)


def duration_words(seconds: float) -> str:
    """Write a duration as sentences say it: 113 分 24 秒, 180 分钟, 45 秒."""
    minutes, second = divmod(_whole_seconds(seconds), 60)
    if not minutes:
        return gettext("%(seconds)s 秒", seconds=second)
    if not second:
        return gettext("%(minutes)s 分钟", minutes=minutes)
    return gettext("%(minutes)s 分 %(seconds)s 秒", minutes=minutes, seconds=second)


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
        return ngettext("%(num)s 字节", "%(num)s 字节", count)
    scale = _KILO
    unit = 0
    while count >= scale * _KILO and unit < len(_SIZE_UNITS) - 1:
        scale *= _KILO
        unit += 1
    tenths = count * 10 // scale
    whole, tenth = divmod(tenths, 10)
    shown = f"{whole}.{tenth}" if tenth and unit else f"{whole}"
    return f"{shown} {_SIZE_UNITS[unit]}"


def between(low: object, high: object) -> str:
    """Write a range of numbers, marks or times: 0—25, 0–25 in English."""
    return gettext("%(low)s—%(high)s", low=low, high=high)


def office_name(name: str) -> Markup:
    """Mark where the name of an office may break: between the words offices are named with, never inside one."""
    # What is cut out of safe text is plain text to Python, and would be escaped a second time.
    as_it_is = Markup if isinstance(name, Markup) else str
    return Markup("<wbr>").join(as_it_is(part) for part in _OFFICE_WORDS.split(name) if part)


def thousands(count: int | None) -> str:
    """Write a count with separators: 1,248."""
    return "" if count is None else f"{count:,}"


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        date_cn,
        date_short,
        date_span,
        month,
        date_iso,
        time_cn,
        datetime_cn,
        moment,
        opening_cn,
        deadline_cn,
        window_cn,
        remaining_cn,
        meter,
        countdown,
        duration_words,
        mask_id,
        mask_mobile,
        mask_name,
        certificate_number_parts,
        score,
        percent,
        file_size,
        thousands,
        between,
        office_name,
    )
}
