"""The rules of seconds that were played and not counted: what is listed, what may be appealed, what can be granted.

Pure. A *stretch* is a run of beats of one lesson and one session that were not counted for the same reason; an
*appeal* names stretches; a *grant* gives a beat seconds that fit into the server time nobody was credited for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.study.policy.credit import VOID, NotCounted, earliest, lacking, seconds_between, why_not_counted

APPEAL_MIN, APPEAL_MAX = 10, 500
DECISION_MIN, DECISION_MAX = 4, 500
STRETCHES_MAX = 50
"""More stretches than anybody marks by hand; each carries its beats into one transaction."""
OPEN_MAX = 5
"""Open appeals of one person in one plan: whoever decides must get round to them."""
_JOIN_MS = 1_500
"""Play that goes on within this distance is one stretch: a player's position is never exact."""

REASON_NAMES: Mapping[str, str] = {
    NotCounted.HIDDEN.value: N_("页面在后台"),
    NotCounted.PAUSED.value: N_("视频暂停"),
    NotCounted.FAST.value: N_("播放快于服务器时间"),
    NotCounted.CHECK.value: N_("在学确认还没有回答"),
    VOID: N_("在学确认没有通过"),
    NotCounted.CLOSED.value: N_("不在学习时间内"),
    NotCounted.SKIPPED.value: N_("前面还有没看的部分"),
    NotCounted.QUESTION.value: N_("随堂问题还没有回答"),
    NotCounted.DAY.value: N_("已到每日上限"),
    NotCounted.ENOUGH.value: N_("还差的时间要学其他课"),
}
"""Reasons that are listed. A requirement that is reached is no loss to anybody."""
NO_LOSS = frozenset({NotCounted.NO.value, NotCounted.COMPLETE.value})

APPEALABLE = frozenset(
    {
        NotCounted.HIDDEN.value,
        NotCounted.PAUSED.value,
        NotCounted.FAST.value,
        NotCounted.CHECK.value,
        VOID,
    }
)
"""What a fault of a device or of the network can cause. The other reasons are rules of the plan."""


class AppealState(StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


APPEAL: StateMachine[AppealState] = StateMachine(
    "study_appeal",
    AppealState.OPEN,
    {
        "grant": Move((AppealState.OPEN,), AppealState.GRANTED),
        "refuse": Move((AppealState.OPEN,), AppealState.REFUSED),
        "withdraw": Move((AppealState.OPEN,), AppealState.WITHDRAWN),
    },
)
STATE_PILLS: Mapping[AppealState, tuple[str, str]] = {
    AppealState.OPEN: ("wait", N_("等待处理")),
    AppealState.GRANTED: ("ok", N_("已同意")),
    AppealState.REFUSED: ("refused", N_("未同意")),
    AppealState.WITHDRAWN: ("none", N_("已撤回")),
}


@dataclass(frozen=True, slots=True)
class PlayedBeat:
    """One beat with seconds that were not counted. Times in milliseconds of server time."""

    session_id: str
    seq: int
    lesson_id: str
    lesson_seconds: int
    open_seconds: int
    """Up to the next in-lesson question that is not answered, or all: nothing from there on can be granted."""
    window_no: int
    is_void: bool
    arrival: int
    interval_seconds: int
    from_ms: int
    to_ms: int
    refusal: str
    credit_seconds: int
    span_from: int
    span_to: int
    free_until: int
    """Up to here no later beat of the person was credited: its own stretch of server time ends here."""

    @property
    def key(self) -> tuple[str, int]:
        """What names the beat."""
        return self.session_id, self.seq

    @property
    def why(self) -> str:
        """Why it does not count."""
        return why_not_counted(self.refusal, self.credit_seconds, is_void=self.is_void)

    @property
    def played(self) -> int:
        """The seconds it played, as bits."""
        return seconds_between(self.from_ms, self.to_ms, self.lesson_seconds)

    @property
    def open(self) -> int:
        """Those of them that can count, as bits."""
        return seconds_between(self.from_ms, self.to_ms, self.open_seconds)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of beats of one lesson and one reason; `bits` are its seconds, newest run first in lists."""

    lesson_id: str
    why: str
    bits: int
    began: int
    ended: int
    beats: tuple[PlayedBeat, ...]

    @property
    def name(self) -> str:
        """What a form calls it: its session with its first and last beat."""
        return f"{self.beats[0].session_id}:{self.beats[0].seq}-{self.beats[-1].seq}"

    @property
    def start(self) -> int:
        """Its first second."""
        return (self.bits & -self.bits).bit_length() - 1

    @property
    def end(self) -> int:
        """The second after its last."""
        return self.bits.bit_length()

    @property
    def seconds(self) -> int:
        """How many different seconds it has."""
        return self.bits.bit_count()

    def missing(self, counted: int) -> int:
        """Return how many of its seconds are still not counted."""
        return (self.bits & ~counted).bit_count()


def stretches(beats: Iterable[PlayedBeat]) -> list[Stretch]:
    """Group beats, given in the order of their arrival, into stretches; the newest first."""
    groups: list[list[PlayedBeat]] = []
    for beat in beats:
        if not beat.played or beat.why not in REASON_NAMES:
            continue
        if groups and _goes_on(groups[-1][-1], beat):
            groups[-1].append(beat)
        else:
            groups.append([beat])
    found = []
    for group in groups:
        bits = 0
        for beat in group:
            bits |= beat.played
        found.append(
            Stretch(
                group[0].lesson_id, group[0].why, bits, group[0].span_from, group[-1].arrival, tuple(group)
            )
        )
    return found[::-1]


def _goes_on(before: PlayedBeat, beat: PlayedBeat) -> bool:
    return (
        before.session_id == beat.session_id
        and beat.seq == before.seq + 1
        and (before.lesson_id, before.why) == (beat.lesson_id, beat.why)
        and before.window_no == beat.window_no
        and abs(beat.from_ms - before.to_ms) <= _JOIN_MS
    )


def totals_by_reason(found: Sequence[Stretch], counted: Mapping[str, int]) -> dict[str, int]:
    """Return, by reason, the seconds that are still not counted; each second stands under its newest reason."""
    seen: dict[str, int] = {}
    totals: dict[str, int] = {}
    for one in found:
        fresh = one.bits & ~counted.get(one.lesson_id, 0) & ~seen.get(one.lesson_id, 0)
        seen[one.lesson_id] = seen.get(one.lesson_id, 0) | fresh
        totals[one.why] = totals.get(one.why, 0) + fresh.bit_count()
    return {why: seconds for why, seconds in totals.items() if seconds}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a beat can be given: seconds of the lesson as bits, and the stretch of server time they stand for."""

    beat: PlayedBeat
    seconds: int
    covered: int
    span_from: int

    @property
    def span_to(self) -> int:
        """The end of the stretch of server time."""
        return self.span_from + self.seconds * 1000


def grants(
    beats: Iterable[PlayedBeat], taken: Mapping[str, int], room: int, minima: Mapping[str, int] | None = None
) -> list[Grant]:
    """Return what each of some beats can be given, in their order (invariants S1, S2, S3, S7, S10).

    A grant is the least of: the beat's own stretch of server time that stands for no other credit, one and a half
    intervals together with what the beat was credited already, the seconds it played that are neither counted nor
    pending (`taken`, by lesson), and what is still needed (`room`), less what other lessons lack of their minimum
    (`minima`, by lesson). The plan's daily limit held on the day on which the beat came; a grant is of no day.
    """
    least = minima or {}
    covered = dict(taken)
    found = []
    for beat in beats:
        own = beat.lesson_id
        others = sum(
            lacking(seconds, covered.get(lesson_id, 0).bit_count())
            for lesson_id, seconds in least.items()
            if lesson_id != own
        )
        given = _grant(beat, covered.get(own, 0), room - others)
        if given.seconds:
            found.append(given)
            covered[own] = covered.get(own, 0) | given.covered
            room -= given.seconds
    return found


def _grant(beat: PlayedBeat, taken: int, room: int) -> Grant:
    start = beat.span_from if beat.is_void else beat.span_to
    credited = 0 if beat.is_void else beat.credit_seconds
    wall = max(0, min(beat.free_until, beat.arrival) - start) // 1000
    most = beat.interval_seconds * 1500 // 1000 - credited
    fresh = beat.open & ~taken
    seconds = max(0, min(wall, most, fresh.bit_count(), room))
    return Grant(beat, seconds, earliest(fresh, seconds), start)


# -- why not ----------------------------------------------------------------------------------------


def appeal_reasons(
    chosen: Sequence[Stretch], *, words: str, waiting: frozenset[tuple[str, int]], granted: frozenset[tuple[str, int]],
    open_appeals: int, is_complete: bool, is_over: bool,
) -> list[Reason]:  # fmt: skip
    """Say why somebody cannot appeal for some stretches. `waiting` are beats of open appeals."""
    reasons = _standing_reasons(open_appeals, is_complete=is_complete, is_over=is_over)
    keys = {beat.key for one in chosen for beat in one.beats}
    if not chosen or len(chosen) > STRETCHES_MAX:
        reasons.append(
            Reason(
                "appeal.stretches", N_("一次申诉选 1 至 %(most)s 段"), NN_("您选了 %(count)s 段"),
                N_("请在列表里勾选要申诉的时段"), source="B1", field_name="stretch",
                params={"most": STRETCHES_MAX, "count": len(chosen)},
            )
        )  # fmt: skip
    if any(one.why not in APPEALABLE for one in chosen):
        reasons.append(
            Reason(
                "appeal.rule_of_plan",
                N_("计划本身的规定（学习时间、每日上限、先后顺序、随堂问题、各课的最短时间）不能申诉"),
                N_("您选的时段里有这样的"), N_("请去掉这些时段"), source="B1", field_name="stretch",
            )
        )  # fmt: skip
    if keys & waiting:
        reasons.append(
            Reason(
                "appeal.waiting", N_("同一段时间同时只能有一份申诉"), N_("您选的时段里有正在处理的"),
                N_("请等待处理结果，或先撤回那一份"), source="B1", field_name="stretch",
            )
        )  # fmt: skip
    if keys & granted:
        reasons.append(
            Reason(
                "appeal.granted", N_("每段时间只能补记一次"), N_("您选的时段里有已经补记的"),
                N_("请去掉这些时段"), source="B1", field_name="stretch",
            )
        )  # fmt: skip
    return [*reasons, *_length_reasons("appeal.words", words, APPEAL_MIN, APPEAL_MAX, "words")]


def _standing_reasons(open_appeals: int, *, is_complete: bool, is_over: bool) -> list[Reason]:
    reasons = []
    if is_complete:
        reasons.append(
            Reason(
                "appeal.complete",
                N_("学满之后不再补记学时"),
                N_("您已学满"),
                N_("可以直接参加考试"),
                source="B2",
            )
        )
    if is_over:
        reasons.append(
            Reason(
                "appeal.over", N_("学习环节进行中才能申诉"), N_("您在这个计划的学习已经结束"),
                N_("如有疑问，请联系考务管理员"), source="B1",
            )
        )  # fmt: skip
    if open_appeals >= OPEN_MAX:
        reasons.append(
            Reason(
                "appeal.too_many", N_("同时最多有 %(most)s 份申诉等待处理"), NN_("您有 %(count)s 份在等待"),
                N_("请等待处理结果，或撤回其中一份"), params={"most": OPEN_MAX, "count": open_appeals},
            )
        )  # fmt: skip
    return reasons


def decision_reasons(state: AppealState, words: str, *, grants_nothing: bool, is_over: bool) -> list[Reason]:
    """Say why an appeal cannot be decided this way. `grants_nothing`: it is to be granted, and no second can be."""
    if state is not AppealState.OPEN:
        return [
            Reason(
                "appeal.decided", N_("一份申诉只处理一次"), N_("这份申诉已经处理或撤回"), N_("请刷新页面查看")
            )
        ]
    reasons = []
    if grants_nothing:
        reasons.append(
            Reason(
                "appeal.nothing_to_grant",
                N_("只能补记真正放过、没有另外计入、服务器时间容得下的秒"),
                N_("这些时段现在没有可以补记的秒：已经补看计入，或那段服务器时间已用于别的学时"),
                N_("请选择不同意，并写明原因"), source="B1", field_name="verdict",
            )
        )  # fmt: skip
    if is_over and grants_nothing is False:
        reasons.append(
            Reason(
                "appeal.stage_over", N_("学习环节进行中才能补记"), N_("这名学员的学习已经结束"),
                N_("请选择不同意，并写明原因"), source="B1", field_name="verdict",
            )
        )  # fmt: skip
    return [*reasons, *_length_reasons("appeal.decision", words, DECISION_MIN, DECISION_MAX, "words")]


def _length_reasons(code: str, words: str, low: int, high: int, field: str) -> list[Reason]:
    length = len(words.strip())
    if low <= length <= high:
        return []
    return [
        Reason(
            code, N_("理由写 %(low)s 至 %(high)s 个字"), NN_("您写了 %(length)s 个字", "length"),
            N_("请写明当时发生了什么"), field_name=field, params={"low": low, "high": high, "length": length},
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """One appeal as pages see it. All seconds are whole."""

    id: str
    person_id: str
    plan_id: str
    state: AppealState
    words: str
    asked_seconds: int
    granted_seconds: int
    decision: str
    decided_by: str | None
    created_at: datetime
    decided_at: datetime | None

    @property
    def pill(self) -> tuple[str, str]:
        """How a page draws its state."""
        return STATE_PILLS[self.state]
