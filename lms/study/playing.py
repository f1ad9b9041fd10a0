"""What the player page is given: where to start, how far it may go, what is missing, and the words for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from lms.core.errors import N_
from lms.core.web import runtime
from lms.plans.policy import SPEEDS_PERCENT, PlanFacts
from lms.study.forms.player import lesson_question_json
from lms.study.policy.credit import VOID, NotCounted
from lms.study.queries import LessonProgress, OpenQuestion, StudyFacts, Uncounted

WORTH_SAYING_SECONDS = 2
_SECOND = re.compile(r"\d{1,6}")

WHY_WORDS = {
    NotCounted.HIDDEN.value: N_("这段播放时页面切到了后台，看不到画面的时间不计入。"),
    NotCounted.FAST.value: N_("这段播放得比服务器时间快，多出的时间不计入。"),
    NotCounted.CHECK.value: N_("这段播放时在学确认还没有回答。"),
    NotCounted.CLOSED.value: N_("这段播放不在学习时间内。"),
    NotCounted.SKIPPED.value: N_("这段之前还有没看的部分，本计划第一次观看要按顺序。"),
    NotCounted.QUESTION.value: N_("这段在随堂问题之后，问题还没有回答。"),
    NotCounted.DAY.value: N_("当天计入的时间已到本计划的每日上限。"),
    NotCounted.ENOUGH.value: N_("还差的时间要学其他课：那几课有各自的最短学习时间。"),
    VOID: N_("这段时间的在学确认没有通过。"),
}


@dataclass(frozen=True, slots=True)
class FullRoom:
    """Why nothing more of this lesson counts now: `enough` with the lesson to go on with, or `day`."""

    why: NotCounted
    other: LessonProgress | None = None


def worded(current: LessonProgress) -> list[tuple[Uncounted, str]]:
    """Return the stretches that were not counted with the reason in words; single seconds stay in the bar only."""
    return [
        (one, gettext(WHY_WORDS.get(one.why, WHY_WORDS[VOID])))
        for one in current.uncounted
        if one.end - one.start >= WORTH_SAYING_SECONDS
    ]


def full_room(plan: PlanFacts, facts: StudyFacts, current: LessonProgress) -> FullRoom | None:
    """Say why nothing more of a lesson can count today, as the ledger would say at the next beat; or None."""
    if plan.daily_limit_seconds and facts.credited_today >= plan.daily_limit_seconds:
        return FullRoom(NotCounted.DAY)
    others = [one for one in _others(facts, current) if one.lacking]
    missing = facts.required - facts.counted - facts.pending
    if others and missing <= sum(one.lacking for one in others):
        return FullRoom(NotCounted.ENOUGH, others[0])
    return None


def player_data(
    plan: PlanFacts,
    facts: StudyFacts,
    current: LessonProgress,
    asked: OpenQuestion | None,
    at: str,
    *,
    counting: bool,
) -> dict[str, Any]:
    """Return what the player's script reads. `at` is the second the address asks for, as it was typed."""
    lacking = next((one for one in _others(facts, current) if one.lacking), None)
    return {
        "counting": counting,
        "sessionUrl": url_for("study.sessions", plan_id=plan.id),
        "beatUrl": url_for("study_api.beat"),
        "presenceUrl": url_for("study_api.presence"),
        "questionUrl": url_for("study_api.question"),
        "lesson": current.lesson.id,
        "seconds": current.lesson.seconds,
        "startMs": _start_ms(plan, facts, current, at, counting=counting),
        "spans": current.spans,
        "whys": [(one.start, one.end, one.why) for one in current.uncounted],
        "reasons": {why: gettext(text) for why, text in WHY_WORDS.items()},
        "counted": facts.counted,
        "pending": facts.pending,
        "required": facts.required,
        "minimum": current.lesson.min_seconds,
        "maySkip": plan.may_skip_ahead,
        "reached": current.reached,
        "topSpeed": plan.top_speed_percent,
        "question": lesson_question_json(runtime().vault, asked) if asked is not None and counting else None,
        "missing": _missing_elsewhere(plan, facts, current),
        "here": _place(plan, current),
        "lacking": _place(plan, lacking) if lacking is not None else None,
        "following": _following(plan, facts, current),
    }


def speeds(plan: PlanFacts) -> list[int]:
    """Return the speeds in per cent that a plan's player offers."""
    return [percent for percent in SPEEDS_PERCENT if percent <= plan.top_speed_percent]


def _start_ms(plan: PlanFacts, facts: StudyFacts, current: LessonProgress, at: str, *, counting: bool) -> int:
    """Return where the player starts: where it was asked to, where it stopped, or where something is missing.

    While time is counted that is never behind an unanswered question, nor, where the first view goes in order,
    behind what was reached.
    """
    if _SECOND.fullmatch(at):
        wanted = int(at) * 1000
    elif facts.resume_lesson_id == current.lesson.id and facts.resume_ms < current.lesson.duration_ms - 1000:
        wanted = facts.resume_ms
    else:
        wanted = (current.first_missing or 0) * 1000
    bounds = [current.lesson.seconds]
    if counting and not plan.may_skip_ahead:
        bounds.append(current.reached)
    if counting and current.stop_at is not None:
        bounds.append(current.stop_at)
    return min(wanted, min(bounds) * 1000)


def _others(facts: StudyFacts, current: LessonProgress) -> list[LessonProgress]:
    """Return the other lessons: those that follow, then those before."""
    at = facts.lessons.index(current)
    return [*facts.lessons[at + 1 :], *facts.lessons[:at]]


def _missing_elsewhere(plan: PlanFacts, facts: StudyFacts, current: LessonProgress) -> str | None:
    """Return the address of the next other lesson with seconds that are not covered yet, or None.

    Lessons that lack their minimum come first: without them the total is never reached.
    """
    for other in _in_need(_others(facts, current)):
        return url_for(
            "study.player", plan_id=plan.id, lesson=other.lesson.id, at=other.first_missing, missing=1
        )
    return None


def _in_need(lessons: list[LessonProgress]) -> Iterator[LessonProgress]:
    missing = [one for one in lessons if one.first_missing is not None]
    yield from (one for one in missing if one.lacking)
    yield from (one for one in missing if not one.lacking)


def _following(plan: PlanFacts, facts: StudyFacts, current: LessonProgress) -> dict[str, Any] | None:
    at = facts.lessons.index(current) + 1
    return _place(plan, facts.lessons[at]) if at < len(facts.lessons) else None


def _place(plan: PlanFacts, one: LessonProgress) -> dict[str, Any]:
    address = url_for("study.player", plan_id=plan.id, lesson=one.lesson.id)
    return {"url": address, "position": one.lesson.position, "title": one.lesson.title}
