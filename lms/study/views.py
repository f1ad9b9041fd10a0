"""The pages of study: the player with its ledger, the video bytes, and the opening of a session."""

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import current_actor, signed_in
from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import N_, NotFound, Reason
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.courses.policy import RANGE_BYTES
from lms.courses.queries import LessonFacts, get_lesson
from lms.enrolment.policy import in_order, plain_choice, stage_reasons
from lms.enrolment.queries import approved_application, stage_choices
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan
from lms.study import policy, queries, service
from lms.study.forms import question_json
from lms.study.policy import NotCounted
from lms.study.queries import VOID, LessonProgress, StudyFacts, Uncounted

blueprint = Blueprint("study", __name__, url_prefix="/study")

PREVIEW_ROLES = (Role.QUESTION_ADMIN, Role.EXAM_ADMIN)
WORTH_SAYING_SECONDS = 2
_SECOND = re.compile(r"\d{1,6}")
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?")

WHY_WORDS = {
    NotCounted.HIDDEN.value: N_("这段播放时页面切到了后台，看不到画面的时间不计入。"),
    NotCounted.FAST.value: N_("这段播放得比服务器时间快，多出的时间不计入。"),
    NotCounted.CHECK.value: N_("这段播放时在学确认还没有回答。"),
    NotCounted.CLOSED.value: N_("这段播放不在学习时间内。"),
    VOID: N_("这段时间的在学确认没有通过。"),
}


@blueprint.get("/")
@signed_in
def index() -> BaseResponse | str:
    """Lead to the plan the person is studying in, let him choose among several, or say how to get one."""
    person_id = current_actor().person_id or ""
    with runtime().read(arrived_at()) as uow:
        choices = stage_choices(uow, person_id, StageKind.STUDY)
    meant = None if request.args.get("all") else plain_choice(choices)
    if meant is not None:
        return redirect(url_for("study.player", plan_id=meant.plan.id))
    if any(one.is_approved for one in choices):
        return render_template("study/choose.html", choices=in_order(choices))
    return render_template("study/none.html", has_application=bool(choices))


@blueprint.get("/<plan_id>")
@signed_in
def player(plan_id: str) -> str | BaseResponse:
    """Show the player and the ledger of one plan; without an approved application it does not exist."""
    person_id = current_actor().person_id or ""
    with runtime().read(arrived_at()) as uow:
        plan, facts, reasons = _studied(uow, person_id, plan_id)
        has_others = len(stage_choices(uow, person_id, StageKind.STUDY)) > 1
    current = _chosen(facts, request.args.get("lesson", ""))
    start_ms = _start_ms(facts, current, request.args.get("at", ""))
    counting = not reasons and not facts.is_complete
    return render_template(
        "study/player.html",
        plan=plan,
        facts=facts,
        current=current,
        reasons=reasons,
        counting=counting,
        has_others=has_others,
        uncounted=_worded(current),
        data=_player_data(plan_id, facts, current, start_ms, counting=counting),
    )


@blueprint.get("/<plan_id>/ledger")
@signed_in
def ledger(plan_id: str) -> str:
    """Show of every lesson which seconds were counted, which wait, which were not and why; and the rules of that."""
    with runtime().read(arrived_at()) as uow:
        plan, facts, reasons = _studied(uow, current_actor().person_id or "", plan_id)
    return render_template(
        "study/ledger.html", plan=plan, facts=facts, counting=not reasons and not facts.is_complete,
        lines=[(line, _worded(line)) for line in facts.lessons],
    )  # fmt: skip


def _studied(uow: UnitOfWork, person_id: str, plan_id: str) -> tuple[PlanFacts, StudyFacts, list[Reason]]:
    """Return a plan with the person's study in it and why none is counted now. Raises NotFound."""
    application = approved_application(uow, person_id, plan_id)
    if application is None:
        raise NotFound
    plan = get_plan(uow, plan_id)
    facts = queries.progress(uow, person_id, plan_id)
    if not facts.lessons:
        raise NotFound
    return plan, facts, stage_reasons(application, plan, StageKind.STUDY, uow.now)


@blueprint.post("/<plan_id>/sessions")
@signed_in
def sessions(plan_id: str) -> tuple[Response, int]:
    """Open a study session on this device; whatever other device was counting stops."""
    device = policy.device_name(request.headers.get("User-Agent", ""))
    with runtime().write(arrived_at()) as uow:
        opened = service.open_session(uow, current_actor(), plan_id, device)
        check = question_json(uow, opened.check) if opened.check is not None else None
    return (
        jsonify(
            lease=opened.lease, next=opened.nonce, seq=0, interval=opened.interval_seconds, counted=opened.counted,
            pending=opened.pending, required=opened.required, check=check, took_over=opened.took_over,
        ),
        201,
    )  # fmt: skip


@blueprint.get("/video/<lesson_id>")
@signed_in
def video(lesson_id: str) -> Response:
    """Send a part of a lesson's video: at most one mebibyte, whole and at once, so that no viewer holds a thread."""
    with runtime().read(arrived_at()) as uow:
        lesson = _watchable(uow, current_actor(), lesson_id)
    headers = {
        "Accept-Ranges": "bytes", "ETag": f'"{lesson.file_key[:32]}"', "Cache-Control": "private, max-age=86400",
        "Content-Disposition": "inline", "Vary": "Cookie",
    }  # fmt: skip
    asked = _asked_range(request.headers.get("Range", ""), lesson.size_bytes)
    if asked is None:
        return Response(status=416, headers=headers | {"Content-Range": f"bytes */{lesson.size_bytes}"})
    start, end = asked
    data = runtime().storage.read_range(lesson.file_key, start, end - start)
    headers["Content-Range"] = f"bytes {start}-{start + len(data) - 1}/{lesson.size_bytes}"
    return Response(data, status=206, headers=headers, mimetype="video/mp4")


def _watchable(uow: UnitOfWork, actor: Actor, lesson_id: str) -> LessonFacts:
    found = queries.watchable_lesson(uow, actor.person_id or "", lesson_id)
    if found is None and actor.has_role(*PREVIEW_ROLES):
        found = get_lesson(uow, lesson_id)
    if found is None:
        raise NotFound
    return found


def _asked_range(header: str, size: int) -> tuple[int, int] | None:
    """Return (start, end) of one asked range, at most RANGE_BYTES long, or None when it cannot be served.

    A request without a range is served its first part: browsers always ask by range, and a whole video
    in one reply would have to be streamed.
    """
    match = _RANGE.fullmatch(header or "bytes=0-")
    if match is None:
        return None
    first, last = match.groups()
    if first is None and last is None:
        return None
    if first is None:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last is not None else size
    if start >= end:
        return None
    return start, min(end, start + RANGE_BYTES)


def _worded(current: LessonProgress) -> list[tuple[Uncounted, str]]:
    """Return the stretches that were not counted with the reason in words; single seconds stay in the bar only."""
    return [
        (one, gettext(WHY_WORDS.get(one.why, WHY_WORDS[VOID])))
        for one in current.uncounted
        if one.end - one.start >= WORTH_SAYING_SECONDS
    ]


def _chosen(facts: StudyFacts, wanted: str) -> LessonProgress:
    """Return the lesson that was asked for, else the one to go on with, else the first with something missing."""
    by_id = {one.lesson.id: one for one in facts.lessons}
    if wanted in by_id:
        return by_id[wanted]
    resumed = by_id.get(facts.resume_lesson_id or "")
    if resumed is not None and resumed.first_missing is not None:
        return resumed
    return next((one for one in facts.lessons if one.first_missing is not None), facts.lessons[0])


def _start_ms(facts: StudyFacts, current: LessonProgress, at: str) -> int:
    """Return where the player starts: where it was asked to, where it stopped, or where something is missing."""
    if _SECOND.fullmatch(at):
        return min(int(at), current.lesson.seconds) * 1000
    if facts.resume_lesson_id == current.lesson.id and facts.resume_ms < current.lesson.duration_ms - 1000:
        return facts.resume_ms
    return (current.first_missing or 0) * 1000


def _player_data(
    plan_id: str, facts: StudyFacts, current: LessonProgress, start_ms: int, *, counting: bool
) -> dict[str, Any]:
    return {
        "counting": counting,
        "sessionUrl": url_for("study.sessions", plan_id=plan_id),
        "beatUrl": url_for("study_api.beat"),
        "presenceUrl": url_for("study_api.presence"),
        "lesson": current.lesson.id,
        "seconds": current.lesson.seconds,
        "startMs": start_ms,
        "spans": current.spans,
        "counted": facts.counted,
        "pending": facts.pending,
        "required": facts.required,
        "missing": _missing_elsewhere(facts.lessons, current, plan_id),
    }


def _missing_elsewhere(
    lessons: Sequence[LessonProgress], current: LessonProgress, plan_id: str
) -> str | None:
    """Return the address of the next other lesson with seconds that are not covered yet, or None."""
    at = lessons.index(current)
    for other in [*lessons[at + 1 :], *lessons[:at]]:
        if other.first_missing is not None:
            return url_for("study.player", plan_id=plan_id, lesson=other.lesson.id, at=other.first_missing)
    return None
