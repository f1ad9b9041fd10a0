"""Fair conditions: time given before or during an exam, pauses, and how an exam may be ended for cause.

The deadline stays one stored truth: every rule here only says by how many whole seconds it moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason

EXTRA_PERCENT_MOST = 200
"""Three times the time of everybody else."""
MINUTE = 60
EXTRA_SECONDS_MOST = 4 * 60 * MINUTE
MEASURE_SECONDS_MOST = 4 * 60 * MINUTE
INVIGILATOR_SECONDS_MOST = 30 * MINUTE
"""What an invigilator may give at once; an exam administrator may give more."""
PAUSE_SECONDS_MOST = 2 * 60 * MINUTE
"""A pause has an end: nobody waits for ever because somebody forgot to go on."""
REASON_MIN = 5
REASON_MAX = 300
WORDS_MAX = 300


class MeasureKind(StrEnum):
    """What was done about the time of people who sit."""

    TIME = "time"
    PAUSE = "pause"


class TimeKind(StrEnum):
    """Why the deadline of one attempt moved."""

    EXTRA = "extra"
    TIME = "time"
    PAUSE = "pause"
    RESUME = "resume"
    LATE = "late"
    """Somebody began after the window had been extended for all."""


class MessageKind(StrEnum):
    """Whose words frame what a candidate is told."""

    MESSAGE = "message"
    TIME = "time"
    PAUSE = "pause"
    RESUME = "resume"


class TargetKind(StrEnum):
    """Whom an act reaches."""

    EVERYONE = "everyone"
    PLACE = "place"
    ROOM = "room"
    ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an act reaches: everyone of a plan's exam, an organisation's people, those in a room, or one attempt."""

    kind: TargetKind
    id: str = ""

    @property
    def organisation_id(self) -> str | None:
        """The organisation whose people are meant, or None."""
        return self.id if self.kind is TargetKind.PLACE else None

    @property
    def room_id(self) -> str | None:
        """The exam room whose people are meant, or None."""
        return self.id if self.kind is TargetKind.ROOM else None

    @property
    def attempt_id(self) -> str | None:
        """The attempt that is meant, or None."""
        return self.id if self.kind is TargetKind.ATTEMPT else None

    def write(self) -> str:
        """Write it as a form sends it: `everyone`, `place:<id>`, `room:<id>`, `attempt:<id>`."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


EVERYONE = Target(TargetKind.EVERYONE)


def read_target(text: str) -> Target | None:
    """Read what `Target.write` wrote; None for anything else."""
    kind, _sign, found = text.partition(":")
    if kind == TargetKind.EVERYONE:
        return None if found else EVERYONE
    known = kind in (TargetKind.PLACE, TargetKind.ROOM, TargetKind.ATTEMPT)
    return Target(TargetKind(kind), found) if known and found else None


def extra_seconds(duration_seconds: int, percent: int, seconds: int) -> int:
    """Return the whole seconds that a person gets beyond the plan's time: a share of it, and minutes."""
    return duration_seconds * percent // 100 + seconds


def extra_reasons(percent: int, seconds: int, remark: str) -> list[Reason]:
    """Say why extra time cannot be granted like this."""
    reasons = reason_reasons(remark)
    if not 0 <= percent <= EXTRA_PERCENT_MOST:
        reasons.append(
            Reason(
                "extra.percent", N_("按比例延长最多 %(most)s%%"), now=N_("您填写的是 %(percent)s%%"),
                way_out=N_("请填写 0 至 %(most)s 的整数"), source="5", field_name="percent",
                params={"most": EXTRA_PERCENT_MOST, "percent": percent},
            )
        )  # fmt: skip
    if not 0 <= seconds <= EXTRA_SECONDS_MOST:
        reasons.append(_minutes("extra.minutes", "minutes", EXTRA_SECONDS_MOST, seconds))
    elif not percent and not seconds:
        reasons.append(
            Reason(
                "extra.nothing", N_("延长的时间要大于零"), now=N_("比例和分钟数都是 0"),
                way_out=N_("请填写比例或分钟数，也可以都填"), source="5", field_name="minutes",
            )
        )  # fmt: skip
    return reasons


def time_reasons(seconds: int, remark: str, *, most: int = MEASURE_SECONDS_MOST) -> list[Reason]:
    """Say why time cannot be given like this."""
    reasons = reason_reasons(remark)
    if not MINUTE <= seconds <= most:
        reasons.append(_minutes("measure.minutes", "minutes", most, seconds))
    return reasons


def pause_reasons(seconds: int, remark: str) -> list[Reason]:
    """Say why an exam cannot be paused like this."""
    return time_reasons(seconds, remark, most=PAUSE_SECONDS_MOST)


def reason_reasons(remark: str, field_name: str = "reason") -> list[Reason]:
    """Say what a written reason lacks."""
    length = len(remark.strip())
    if REASON_MIN <= length <= REASON_MAX:
        return []
    return [
        Reason(
            "measure.reason", N_("请写明原因，%(low)s 至 %(high)s 个字"),
            now=NN_("您写了 %(length)s 个字", "length"),
            way_out=N_("请写明经过，例如考点停电、考生申请并经批准"), source="5", field_name=field_name,
            params={"low": REASON_MIN, "high": REASON_MAX, "length": length},
        )
    ]  # fmt: skip


def words_reasons(words: str) -> list[Reason]:
    """Say what keeps a message from being sent."""
    length = len(words.strip())
    if 1 <= length <= WORDS_MAX:
        return []
    return [
        Reason(
            "message.words", N_("消息要有 1 至 %(high)s 个字"), now=NN_("您写了 %(length)s 个字", "length"),
            way_out=N_("请写明要告诉考生的话"), source="6", field_name="words",
            params={"high": WORDS_MAX, "length": length},
        )
    ]  # fmt: skip


def paused_start(until: datetime) -> Reason:
    """Return the reason that keeps people from starting while the exam is paused for them."""
    return Reason(
        "exam.paused", N_("暂停期间不能开始考试，也不能打开题目；您的时间不走"),
        now=N_("考试已暂停，最晚 %(until)s 继续"),
        way_out=N_("请稍候，继续后再打开；还没有开始的，考试时间随暂停顺延"), source="5", params={"until": until},
    )  # fmt: skip


def _minutes(code: str, field_name: str, most: int, seconds: int) -> Reason:
    return Reason(
        code, N_("一次最多 %(most)s 分钟，至少 1 分钟"), now=NN_("您填写的是 %(count)s 分钟"),
        way_out=N_("请改填分钟数，需要更多时间可以再办一次"), source="5", field_name=field_name,
        params={"most": most // MINUTE, "count": seconds // MINUTE},
    )  # fmt: skip


# -- the clock of one attempt ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shift:
    """By how many whole seconds a sitting's time and its window grow; negative takes unused time back."""

    seconds: int
    extension_seconds: int


def is_paused(paused_from: datetime | None, paused_until: datetime | None, now: datetime) -> bool:
    """Tell whether the time of an attempt stands still at a moment."""
    return paused_from is not None and paused_until is not None and paused_from <= now < paused_until


def pause_shift(paused_until: datetime | None, now: datetime, seconds: int) -> tuple[datetime, Shift] | None:
    """Return until when an attempt pauses and by how much its time grows; None if it pauses as long already.

    The whole planned length is given at once, so that the stored deadline is true at every moment: nobody has to come
    back for the time to go on.
    """
    until = now + timedelta(seconds=seconds)
    if paused_until is None or paused_until <= now:
        return until, Shift(seconds, seconds)
    more = int((until - paused_until).total_seconds())
    if more <= 0:
        return None
    return paused_until + timedelta(seconds=more), Shift(more, more)


def resume_shift(paused_until: datetime, goes_on_at: datetime) -> tuple[datetime, Shift]:
    """Return when the time goes on and how much of the pause was not used; parts of a second stay with the person.

    `goes_on_at` is now, or the end of another pause that still holds the sitting.
    """
    unused = max(0, int((paused_until - goes_on_at).total_seconds()))
    return min(paused_until, goes_on_at), Shift(-unused, -unused)


@dataclass(frozen=True, slots=True)
class Added:
    """What one measure for many adds to the window: its seconds, or of a pause what lies before its end."""

    at: datetime
    seconds: int
    until: datetime | None = None
    """When a pause ends; None for time that was given."""


def window_extension(window_end: datetime, measures: Iterable[Added]) -> int:
    """Return by how many whole seconds measures make the window longer for who has not begun.

    As much as the deadlines of those who sat through them moved: what two pauses share is counted once. What was done
    after the window had ended, with all that was added before, opens it for nobody again.
    """
    added, counted_until = timedelta(0), None
    for one in sorted(measures, key=lambda one: one.at):
        if one.at >= window_end + added:
            break
        if one.until is None:
            added += timedelta(seconds=one.seconds)
            continue
        counts_from = one.at if counted_until is None else max(one.at, counted_until)
        added += max(timedelta(0), one.until - counts_from)
        counted_until = one.until if counted_until is None else max(one.until, counted_until)
    return int(added.total_seconds())


# -- ending for cause -----------------------------------------------------------------------------


class EndingCause(StrEnum):
    """Why an exam was ended by a person."""

    MISCONDUCT = "misconduct"
    ILLNESS = "illness"
    EQUIPMENT = "equipment"
    OTHER = "other"


CAUSE_NAMES: dict[EndingCause, str] = {
    EndingCause.MISCONDUCT: N_("违反考场规定"),
    EndingCause.ILLNESS: N_("身体原因不能继续"),
    EndingCause.EQUIPMENT: N_("设备或场地原因不能继续"),
    EndingCause.OTHER: N_("其他原因"),
}


class Verdict(StrEnum):
    """What a second person decides about an exam that was ended for cause."""

    KEEP = "keep"
    VOID = "void"


def ending_reasons(*, is_open: bool, remark: str) -> list[Reason]:
    """Say why an exam cannot be ended for cause."""
    if not is_open:
        return [
            Reason(
                "ending.closed", N_("只能结束正在进行的考试"), now=N_("这次考试已经结束"),
                way_out=N_("需要作废时，请在考试记录里办理"), source="6",
            )
        ]  # fmt: skip
    return reason_reasons(remark)


def verdict_reasons(
    *, ended_by: str, is_decided: bool, wants_void: bool, actor_id: str | None, remark: str
) -> list[Reason]:
    """Say why an actor cannot decide what becomes of an exam that was ended for cause."""
    if is_decided or not wants_void:
        return [
            Reason(
                "ending.decided", N_("一次处理只决定一次"), now=N_("这次处理已经有了决定"),
                way_out=N_("经过和决定可在这一页查看"), source="6",
            )
        ]  # fmt: skip
    if actor_id == ended_by:
        return [second_person()]
    return reason_reasons(remark)


def second_person() -> Reason:
    """Return the reason that keeps the one who ended an exam from voiding it as well."""
    return Reason(
        "ending.second_person", N_("结束考试的人不能自己决定作废，要由另一名考务管理员决定"),
        now=N_("这次考试是您结束的"), way_out=N_("请另一名考务管理员查看经过后决定"), source="6",
    )  # fmt: skip


def awaits_verdict() -> Reason:
    """Return the reason that keeps everything else away while a second person has not decided."""
    return Reason(
        "ending.awaits_verdict", N_("被结束的考试先由第二人决定"), now=N_("这次考试还在等待决定"),
        way_out=N_("请在监考页的考生经过里决定"), source="6",
    )  # fmt: skip


def own_attempt() -> Reason:
    """Return the reason that keeps people from deciding about their own exam."""
    return Reason(
        "conditions.own", N_("不能处理自己的考试"), now=N_("这是您本人的考试"),
        way_out=N_("请由另一名工作人员办理"), source="6",
    )  # fmt: skip


def not_paused() -> Reason:
    """Return the reason that keeps one exam from going on before the others when it does not pause with others."""
    return Reason(
        "conditions.not_paused", N_("只有和别人一起暂停的考试，才能单独先继续"), now=N_("这场考试现在没有这样暂停"),
        way_out=N_("请刷新页面，看看现在的情况"), source="6",
    )  # fmt: skip
