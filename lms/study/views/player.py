"""The pages of study: the player with its ledger, the video bytes, and the opening of a session."""

from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import current_actor, signed_in
from lms.core.errors import NotFound, Reason
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.courses.delivery import send_stored, send_whole
from lms.courses.queries import LessonFacts, handouts_of
from lms.enrolment.policy import in_order, plain_choice, stage_reasons
from lms.enrolment.queries import approved_application, stage_choices
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan
from lms.study import queries, service
from lms.study.forms.player import question_json
from lms.study.media import KINDS, check_address, sign_address
from lms.study.playing import full_room, player_data, speeds, worded
from lms.study.policy import credit as policy
from lms.study.policy.pace import outlook
from lms.study.queries import LessonProgress, StudyFacts
from lms.study.queries.reminders import StandingReminder, began_studying, standing_reminder

blueprint = Blueprint("study", __name__, url_prefix="/study")


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
        plan, facts, reasons, reminder = _studied(uow, person_id, plan_id)
        has_others = len(stage_choices(uow, person_id, StageKind.STUDY)) > 1
        current = _chosen(facts, request.args.get("lesson", ""))
        papers = handouts_of(uow, lesson_id=current.lesson.id)
        asked = queries.next_question(uow, person_id, plan_id, current.lesson.id)
    media_urls = _addresses(current.lesson)
    counting = not reasons and not facts.is_complete
    full = full_room(plan, facts, current) if counting else None
    data = player_data(plan, facts, current, asked, request.args.get("at", ""), counting=counting)
    return render_template(
        "study/player.html",
        plan=plan,
        facts=facts,
        current=current,
        reasons=reasons,
        reminder=reminder,
        now=arrived_at(),
        counting=counting,
        has_others=has_others,
        uncounted=worded(current),
        full=full,
        speeds=speeds(plan),
        media=media_urls,
        handouts=papers,
        data=data
        | {
            "high": media_urls["video"],
            "low": media_urls["low"],
            "full": full.why.value if full is not None else "",
            "catchUp": counting and "missing" in request.args,
        },
    )


@blueprint.get("/<plan_id>/ledger")
@signed_in
def ledger(plan_id: str) -> str:
    """Show of every lesson which seconds were counted, which wait, which were not and why; and the rules of that."""
    person_id = current_actor().person_id or ""
    with runtime().read(arrived_at()) as uow:
        plan, facts, reasons, reminder = _studied(uow, person_id, plan_id)
        ahead = outlook(
            counted=facts.counted, required=facts.required, closes=plan.study_until, now=uow.now,
            began=began_studying(uow, person_id, plan_id),
        )  # fmt: skip
    return render_template(
        "study/ledger.html", plan=plan, facts=facts, counting=not reasons and not facts.is_complete, ahead=ahead,
        lines=[(line, worded(line)) for line in facts.lessons], now=arrived_at(), reminder=reminder,
    )  # fmt: skip


def _studied(
    uow: UnitOfWork, person_id: str, plan_id: str
) -> tuple[PlanFacts, StudyFacts, list[Reason], StandingReminder | None]:
    """Return a plan, the person's study in it, why none is counted now, and what he was reminded of.

    Raises NotFound.
    """
    application = approved_application(uow, person_id, plan_id)
    if application is None:
        raise NotFound
    plan = get_plan(uow, plan_id)
    facts = queries.progress(uow, person_id, plan)
    if not facts.lessons:
        raise NotFound
    reminder = standing_reminder(uow, application, plan, facts)
    return plan, facts, stage_reasons(application, plan, StageKind.STUDY, uow.now), reminder


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


@blueprint.get("/media/<lesson_id>/<what>")
@signed_in
def media(lesson_id: str, what: str) -> Response:
    """Send a lesson's video by parts, its poster or its captions, to the one whose page was given the address."""
    house, actor, now = runtime(), current_actor(), arrived_at()
    with house.read(now) as uow:
        lesson = queries.watchable_lesson(uow, actor.person_id or "", lesson_id)
    if lesson is None or what not in KINDS:
        raise NotFound
    check_address(
        house.vault, lesson_id, what, actor.login_session_id or "", request.args.get("until", ""),
        request.args.get("key", ""), now,
    )  # fmt: skip
    if what == "video":
        return send_stored(house.storage, house.settings, lesson.file_key, lesson.size_bytes, "video/mp4")
    if what == "low" and lesson.low_key and lesson.low_bytes:
        return send_stored(house.storage, house.settings, lesson.low_key, lesson.low_bytes, "video/mp4")
    key = {"poster": lesson.poster_key, "captions": lesson.captions_key}.get(what)
    if key is None:
        raise NotFound
    return send_whole(house.storage, house.settings, key, "image/jpeg" if what == "poster" else "text/vtt")


@blueprint.get("/handouts/<handout_id>")
@signed_in
def handout(handout_id: str) -> Response:
    """Send a handout to somebody who may watch its lesson."""
    house = runtime()
    with house.read(arrived_at()) as uow:
        found = queries.readable_handout(uow, current_actor().person_id or "", handout_id)
    if found is None:
        raise NotFound
    return send_whole(
        house.storage, house.settings, found.file_key, "application/pdf", quote(f"{found.title}.pdf")
    )


def _addresses(lesson: LessonFacts) -> dict[str, str | None]:
    """Return the signed addresses of what a lesson has."""
    house, actor, now = runtime(), current_actor(), arrived_at()
    there = {
        "video": lesson.file_key, "low": lesson.low_key, "poster": lesson.poster_key,
        "captions": lesson.captions_key,
    }  # fmt: skip
    addresses: dict[str, str | None] = dict.fromkeys(there)
    for what, key in there.items():
        if key is not None:
            until, mark = sign_address(house.vault, lesson.id, what, actor.login_session_id or "", now)
            addresses[what] = url_for("study.media", lesson_id=lesson.id, what=what, until=until, key=mark)
    return addresses


def _chosen(facts: StudyFacts, wanted: str) -> LessonProgress:
    """Return the lesson that was asked for, else the one to go on with, else the first with something missing."""
    by_id = {one.lesson.id: one for one in facts.lessons}
    if wanted in by_id:
        return by_id[wanted]
    resumed = by_id.get(facts.resume_lesson_id or "")
    if resumed is not None and resumed.first_missing is not None:
        return resumed
    return next((one for one in facts.lessons if one.first_missing is not None), facts.lessons[0])
