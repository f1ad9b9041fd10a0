"""Questions inside a lesson, and the time a lesson asks for at least."""

from collections.abc import Collection
from dataclasses import dataclass

from lms.core.errors import N_, Duration, Reason

MAX_QUESTIONS = 20
MIN_OPTIONS, MAX_OPTIONS = 2, 5
OPTION_LETTERS = "ABCDE"
MAX_STEM = 300
MAX_OPTION = 120
MAX_EXPLANATION = 500


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """What the player asks at a second of the video. `right` is the place of the right option, from 0."""

    at: int
    stem: str
    options: tuple[str, ...]
    right: int
    explanation: str = ""


def question_reasons(
    asked: AskedQuestion, others_at: Collection[int], lesson_seconds: int | None
) -> list[Reason]:
    """Say why a question cannot stand so. `others_at` are the seconds of the lesson's other questions."""
    reasons = []
    if len(others_at) >= MAX_QUESTIONS:
        reasons.append(
            Reason(
                "question.many", N_("一课最多 %(most)s 道随堂问题"), N_("这一课已经满了"), N_("请先移除一道"),
                params={"most": MAX_QUESTIONS}, field_name="stem",
            )
        )  # fmt: skip
    reasons.extend(_time_reasons(asked.at, others_at, lesson_seconds))
    if not 1 <= len(asked.stem) <= MAX_STEM:
        reasons.append(_length_reason("stem", N_("问题为 1 至 %(most)s 个字"), len(asked.stem), MAX_STEM))
    if len(asked.explanation) > MAX_EXPLANATION:
        reasons.append(
            _length_reason(
                "explanation", N_("讲解最多 %(most)s 个字"), len(asked.explanation), MAX_EXPLANATION
            )
        )
    reasons.extend(_option_reasons(asked))
    return reasons


def beyond_reasons(asked: Collection[AskedQuestion], lesson_seconds: int | None) -> list[Reason]:
    """Say which questions lie beyond a video that came later."""
    return [reason for one in asked for reason in _time_reasons(one.at, (), lesson_seconds)]


def minimum_reasons(min_seconds: int, lesson_seconds: int | None) -> list[Reason]:
    """Say why a lesson cannot ask for so much time: nobody can be credited more than the video lasts."""
    if lesson_seconds is None or min_seconds <= lesson_seconds:
        return []
    return [
        Reason(
            "lesson.minimum", N_("最短学习时间不能超过视频的长度"), N_("视频长 %(length)s"), N_("请填写较短的时间"),
            params={"length": Duration(lesson_seconds)}, field_name="min_seconds",
        )
    ]  # fmt: skip


def _time_reasons(at: int, others_at: Collection[int], lesson_seconds: int | None) -> list[Reason]:
    rule = N_("随堂问题出现在视频开始以后、结束之前，同一时间只有一道")
    if at < 1:
        return [
            Reason(
                "question.at", rule, N_("时间在视频开始之前"), N_("请填写 0:01 或以后的时间"), field_name="at"
            )
        ]
    if lesson_seconds is not None and at >= lesson_seconds:
        return [
            Reason(
                "question.at", rule, N_("视频长 %(length)s"), N_("请填写视频结束之前的时间"),
                params={"length": Duration(lesson_seconds)}, field_name="at",
            )
        ]  # fmt: skip
    if at in others_at:
        return [
            Reason("question.at", rule, N_("这一时间已有一道问题"), N_("请填写别的时间"), field_name="at")
        ]
    return []


def _option_reasons(asked: AskedQuestion) -> list[Reason]:
    rule = N_("选项为 %(least)s 至 %(most)s 个，各不相同，每个 1 至 %(longest)s 个字")
    params = {"least": MIN_OPTIONS, "most": MAX_OPTIONS, "longest": MAX_OPTION}

    def told(now: str, way_out: str) -> list[Reason]:
        return [Reason("question.options", rule, now, way_out, params=params, field_name="option_1")]

    if not MIN_OPTIONS <= len(asked.options) <= MAX_OPTIONS:
        return told(N_("选项太少或太多"), N_("请改好选项"))
    if not all(1 <= len(option) <= MAX_OPTION for option in asked.options):
        return told(N_("有选项是空的，或者太长"), N_("请改好选项"))
    if len(set(asked.options)) < len(asked.options):
        return told(N_("有两个选项相同"), N_("请改掉其中一个"))
    if not 0 <= asked.right < len(asked.options):
        return [
            Reason(
                "question.right", N_("正确的选项只有一个，并且已经填写"), N_("选中的选项没有内容"),
                N_("请选有内容的一项"), field_name="right",
            )
        ]  # fmt: skip
    return []


def _length_reason(field: str, rule: str, length: int, most: int) -> Reason:
    return Reason(
        f"question.{field}", rule, N_("现在 %(length)s 个字"), N_("请改好这一项"),
        params={"most": most, "length": length}, field_name=field,
    )  # fmt: skip
