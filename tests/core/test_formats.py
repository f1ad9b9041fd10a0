"""What a moment, a duration, a score and a person's data look like on a page."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from lms.app.translations.compiled import FOLDER
from lms.core import formats

EXAM_START = datetime(2026, 12, 5, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
STUDY_END = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)  # 00:00 on 5 December in Shanghai


def test_an_evening_in_utc_is_the_next_day_in_shanghai() -> None:
    assert formats.date_cn(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == "2026年11月21日"
    assert formats.date_cn(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == "2026年11月20日"


def test_a_plain_date_is_the_same_day_everywhere() -> None:
    assert formats.date_cn(date(2026, 11, 21)) == "2026年11月21日"
    assert formats.date_iso(date(2009, 7, 1)) == "2009-07-01"


def test_a_day_inside_a_plan_names_its_weekday() -> None:
    assert formats.date_short(EXAM_START) == "12月5日（周六）"
    assert formats.date_short(date(2026, 12, 6)) == "12月6日（周日）"
    assert formats.date_short(EXAM_START, weekday=False) == "12月5日"


def test_times_of_day_show_seconds_only_when_asked() -> None:
    instant = datetime(2026, 12, 5, 7, 4, 26, tzinfo=UTC)
    assert formats.time_cn(instant) == "15:04"
    assert formats.time_cn(instant, seconds=True) == "15:04:26"
    assert formats.datetime_cn(instant) == "2026年12月5日 15:04"
    assert formats.datetime_cn(instant, now=instant, seconds=True) == "12月5日 15:04:26"


def test_a_day_of_another_year_is_written_with_it() -> None:
    later = EXAM_START + timedelta(days=365)
    assert formats.date_short(EXAM_START, weekday=False, now=EXAM_START) == "12月5日"
    assert formats.date_short(EXAM_START, now=later) == "2026年12月5日"
    assert formats.datetime_cn(EXAM_START, now=later) == "2026年12月5日 14:30"
    assert (
        formats.date_span(EXAM_START, EXAM_START + timedelta(days=3), later) == "2026年12月5日—2026年12月8日"
    )


@pytest.mark.parametrize(
    "write", [formats.date_cn, formats.date_short, formats.time_cn, formats.deadline_cn, formats.opening_cn]
)
def test_a_naive_time_is_refused(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="aware"):
        write(datetime(2026, 12, 5, 14, 30))  # noqa: DTZ001 - a naive time is the point here


def test_midnight_belongs_to_the_day_that_ends_there() -> None:
    assert formats.deadline_cn(STUDY_END) == "12月4日 24:00"
    assert formats.deadline_cn(STUDY_END + timedelta(minutes=1)) == "12月5日 00:01"


def test_an_opening_at_midnight_is_the_first_moment_of_its_day() -> None:
    assert formats.opening_cn(STUDY_END) == "12月5日 0:00"
    assert formats.opening_cn(STUDY_END, year=True) == "2026年12月5日 0:00"
    assert formats.opening_cn(EXAM_START) == "12月5日 14:30"
    assert formats.opening_cn(None) == ""


def test_an_opening_ahead_says_how_long_it_takes() -> None:
    waiting = timedelta(hours=15)
    assert formats.opening_cn(STUDY_END, STUDY_END - waiting) == "12月5日 0:00（还有 15 小时）"
    assert formats.opening_cn(STUDY_END, STUDY_END) == "12月5日 0:00"
    next_year = datetime(2027, 1, 8, 16, 0, tzinfo=UTC)
    assert (
        formats.opening_cn(next_year, datetime(2026, 12, 20, tzinfo=UTC)) == "2027年1月9日 0:00（还有 19 天）"
    )


def test_a_window_opens_at_zero_and_ends_at_twenty_four() -> None:
    opens = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert formats.window_cn(opens, STUDY_END).striptags() == "2026年11月21日 0:00 — 12月4日 24:00"
    assert formats.window_cn(EXAM_START, STUDY_END + timedelta(days=31)).striptags() == (
        "2026年12月5日 14:30 — 2027年1月4日 24:00"
    )
    assert formats.window_cn(opens, STUDY_END).count('class="nowrap"') == 2


def test_a_time_of_day_bears_its_day_when_that_is_not_today() -> None:
    at = datetime(2026, 11, 20, 6, 30, 5, tzinfo=UTC)  # 14:30 in Shanghai
    assert formats.time_cn(at) == "14:30"
    assert formats.time_cn(at, now=at + timedelta(hours=9)) == "14:30"
    assert formats.time_cn(at, now=at + timedelta(hours=10)) == "11月20日 14:30", "it is the next day there"
    assert formats.time_cn(at, now=at - timedelta(days=1), seconds=True) == "11月20日 14:30:05"
    assert formats.time_cn(at, now=at + timedelta(days=90)) == "2026年11月20日 14:30"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"), (45, "0:45"), (725, "12:05"), (3599.9, "59:59"), (3600, "1:00:00"), (18547, "5:09:07"),
        (86_399, "23:59:59"), (86_400, "1 天"), (115_200, "1 天 8 小时"), (1_200_000, "13 天"),
    ],
)  # fmt: skip
def test_what_is_left_until_an_opening_is_counted_down_as_meters_are(seconds: float, shown: str) -> None:
    assert formats.countdown(seconds) == shown


def test_midnight_at_new_year_stays_in_the_old_year() -> None:
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert formats.deadline_cn(new_year, datetime(2026, 12, 1, tzinfo=UTC)).startswith("12月31日 24:00")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=13, hours=23), "（还有 13 天）"),
        (timedelta(days=2), "（还有 2 天）"),
        (timedelta(days=1, hours=8, minutes=59), "（还有 1 天 8 小时）"),
        (timedelta(days=1), "（还有 1 天）"),
        (timedelta(hours=5, minutes=20), "（还有 5 小时 20 分）"),
        (timedelta(hours=5), "（还有 5 小时）"),
        (timedelta(minutes=59, seconds=59), "（还有 59 分钟）"),
        (timedelta(seconds=40), "（还有 40 秒）"),
        (timedelta(0), "（已截止）"),
        (timedelta(seconds=-1), "（已截止）"),
    ],
)
def test_what_is_left_of_a_deadline_is_rounded_down(left: timedelta, words: str) -> None:
    assert formats.deadline_cn(STUDY_END, STUDY_END - left) == "12月4日 24:00" + words


def test_a_deadline_in_another_year_names_the_year() -> None:
    written = formats.deadline_cn(datetime(2027, 1, 8, 16, 0, tzinfo=UTC), datetime(2026, 12, 20, tzinfo=UTC))
    assert written == "2027年1月8日 24:00（还有 19 天）"


@pytest.mark.parametrize(
    ("seconds", "shown", "spoken"),
    [
        (0, "0:00", "0 秒"),
        (45, "0:45", "45 秒"),
        (60, "1:00", "1 分钟"),
        (3996, "66:36", "66 分 36 秒"),
        (6804, "113:24", "113 分 24 秒"),
        (10799.999, "179:59", "179 分 59 秒"),
        (10800, "180:00", "180 分钟"),
    ],
)
def test_durations_never_round_up(seconds: float, shown: str, spoken: str) -> None:
    assert formats.meter(seconds) == shown
    assert formats.duration_words(seconds) == spoken


def test_a_negative_duration_or_size_is_a_mistake_and_is_not_hidden() -> None:
    for write in (formats.meter, formats.duration_words, formats.remaining_cn):
        with pytest.raises(ValueError, match="never negative"):
            write(-1)
    with pytest.raises(ValueError, match="never negative"):
        formats.file_size(-1)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("340100190001010021", "3401**********0021"),
        ("E12345678", "E*******8"),
        ("A1", "**"),
        ("", ""),
        (None, ""),
    ],
)
def test_identity_numbers_lose_their_middle(number: str | None, masked: str) -> None:
    assert formats.mask_id(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13800005620", "138****5620"), ("+8613800005620", "+86138****5620"), ("12345", "*****"), (None, "")],
)
def test_mobile_numbers_lose_their_middle(number: str | None, masked: str) -> None:
    assert formats.mask_mobile(number) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [("林书禾", "林*禾"), ("王芳", "王*"), ("欧阳明月", "欧**月"), ("林", "*"), ("", ""), (None, "")],
)
def test_names_on_public_pages_keep_only_their_ends(name: str | None, masked: str) -> None:
    assert formats.mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("263401000520037", "26 34010005 2 0037"),
        ("26 34010005 2 0037", "26 34010005 2 0037"),
        ("21320400520001", "21 3204005 2 0001"),
        ("CARD-0021", "CARD-0021"),
        ("2634010005200371", "2634010005200371"),
        (None, ""),
    ],
)
def test_certificate_numbers_show_their_parts_or_stay_as_they_are(number: str | None, shown: str) -> None:
    assert formats.certificate_number_parts(number) == shown


@pytest.mark.parametrize(
    ("hundredths", "shown"),
    [
        (9000, "90"),
        (8950, "89.5"),
        (8995, "89.95"),
        (8905, "89.05"),
        (10000, "100"),
        (0, "0"),
        (-50, "-0.5"),
        (None, ""),
    ],
)
def test_scores_are_exact(hundredths: int | None, shown: str) -> None:
    assert formats.score(hundredths) == shown


def test_only_all_is_one_hundred_percent() -> None:
    assert formats.percent(10799, 10800) == "99%"
    assert formats.percent(10800, 10800) == "100%"
    assert formats.percent(1, 0) == "—"


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 字节"),
        (1023, "1023 字节"),
        (1024, "1 KB"),
        (77_900, "76 KB"),
        (1_900_000, "1.8 MB"),
        (10 * 1024 * 1024 - 1, "9.9 MB"),
        (10 * 1024 * 1024, "10 MB"),
        (5 * 1024**4, "5 TB"),
        (5000 * 1024**4, "5000 TB"),
    ],
)
def test_file_sizes_never_round_up_to_a_limit(count: int, shown: str) -> None:
    assert formats.file_size(count) == shown


def test_the_name_of_an_office_breaks_only_between_its_words() -> None:
    assert formats.office_name("江岚省职业技能评价指导中心") == (
        "江岚省<wbr>职业技能<wbr>评价<wbr>指导<wbr>中心"
    )
    assert formats.office_name("Skills <Centre>") == "Skills &lt;Centre&gt;"
    assert formats.office_name("") == ""


def test_counts_have_separators() -> None:
    assert formats.thousands(1248) == "1,248"
    assert formats.thousands(None) == ""


def test_templates_find_every_filter_under_its_own_name() -> None:
    assert formats.FILTERS["meter"](3996) == "66:36"
    assert all(name == function.__name__ for name, function in formats.FILTERS.items())


# -- in English ---------------------------------------------------------------------------------------


@pytest.fixture
def english() -> Iterator[None]:
    """A reader of English."""
    app = Flask("reader")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app)
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.usefixtures("english")
def test_days_and_times_in_english() -> None:
    assert formats.date_cn(EXAM_START) == "5 Dec 2026"
    assert formats.date_short(EXAM_START) == "Sat 5 Dec"
    assert formats.date_short(EXAM_START, weekday=False) == "5 Dec"
    assert formats.datetime_cn(EXAM_START) == "5 Dec 2026, 14:30"
    assert formats.datetime_cn(EXAM_START, now=EXAM_START, seconds=True) == "5 Dec, 14:30:00"
    assert formats.date_iso(date(2009, 7, 1)) == "2009-07-01"


@pytest.mark.usefixtures("english")
def test_midnight_belongs_to_the_day_that_ends_there_in_english_too() -> None:
    assert formats.moment(STUDY_END) == "4 Dec 2026, 24:00"
    assert formats.deadline_cn(STUDY_END, STUDY_END - timedelta(days=13)) == "4 Dec, 24:00 (13 days left)"
    assert formats.deadline_cn(STUDY_END, STUDY_END) == "4 Dec, 24:00 (closed)"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2), "2 days"),
        (timedelta(days=1, hours=1), "1 day 1 hour"),
        (timedelta(days=1, hours=8), "1 day 8 hours"),
        (timedelta(hours=5, minutes=20), "5 h 20 min"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(seconds=40), "40 s"),
    ],
)
def test_what_is_left_in_english(left: timedelta, words: str) -> None:
    assert formats.remaining_cn(left.total_seconds()) == words


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("seconds", "words"),
    [(45, "45 s"), (6804, "113 min 24 s"), (10799.9, "179 min 59 s"), (10800, "180 min")],
)
def test_durations_never_round_up_in_english_either(seconds: float, words: str) -> None:
    assert formats.duration_words(seconds) == words


@pytest.mark.usefixtures("english")
def test_ranges_in_english() -> None:
    opens = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert formats.between("12:30", "14:00") == "12:30–14:00"
    assert formats.date_span(opens, STUDY_END) == "1 Dec – 4 Dec"
    assert formats.window_cn(opens, STUDY_END).striptags() == "1 Dec 2026, 0:00 – 4 Dec, 24:00"


@pytest.mark.usefixtures("english")
def test_sizes_in_english() -> None:
    assert formats.file_size(1) == "1 byte"
    assert formats.file_size(0) == "0 bytes"
    assert formats.file_size(77_900) == "76 KB"


def test_a_window_names_its_days_and_not_the_one_after_its_end() -> None:
    opens = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert formats.date_span(opens, STUDY_END) == "12月1日—12月4日"
    assert formats.date_span(EXAM_START, EXAM_START + timedelta(hours=2)) == "12月5日"


def test_a_range_of_numbers() -> None:
    assert formats.between(1, 40) == "1—40"
