"""The candidate's pages: before, during and after."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, leased, signed_in
from lms.accounts.forms import ActForm
from lms.core.catalogue import ngettext
from lms.core.clock import ms_left
from lms.core.errors import NotFound
from lms.core.web import arrived_at, runtime
from lms.enrolment.policy import in_order, plain_choice, stage_reasons
from lms.enrolment.queries import live_application, stage_choices
from lms.exam import queries
from lms.exam.errors import AttemptClosed, taken_over
from lms.exam.forms.sheet import read_sheet, wants_to_hand_in
from lms.exam.policy.attempts import NOT_STUDIED_ENOUGH, AttemptState, first_revision, in_figures, is_final
from lms.exam.policy.rooms import written_number
from lms.exam.policy.waiting import JITTER_MS, time_given
from lms.exam.queries import AttemptFacts, rooms
from lms.exam.queries.conditions import find_ending, terms_of
from lms.exam.queries.exam_page import on_page
from lms.exam.queries.marks import review_marks
from lms.exam.queries.receipts import receipt_of
from lms.exam.queries.watching import last_switch, pause_reason, unread
from lms.exam.queries.windows import window_for
from lms.exam.service import answers, attempts, starting
from lms.exam.views.blueprint import blueprint
from lms.exam.views.scores import after_exam
from lms.exam.views.sheet import NEVER_AWAY, NOBODYS, Addresses, Sheet, show
from lms.exam.watch_words import said_of
from lms.plans.policy import StageKind
from lms.plans.queries import get_plan
from lms.questions.passages import shown_pictures
from lms.questions.queries import blueprint_facts
from lms.questions.views.pictures import send_picture
from lms.study.policy.credit import missing_reasons
from lms.study.queries import progress
from question_bank.items import AREAS, TYPE_NAMES, ItemType

Reply = str | Response | tuple[str, int]


@blueprint.get("/")
@signed_in
def index() -> Reply:
    """Lead to the exam that is meant: the one that runs, or the one that is open; else let the person choose."""
    person_id = str(current_actor().person_id)
    with runtime().read(arrived_at()) as uow:
        running = queries.running_attempt(uow, person_id)
        choices = stage_choices(uow, person_id, StageKind.EXAM)
    if not request.args.get("all"):
        meant = plain_choice(choices) or (choices[0] if len(choices) == 1 else None)
        if running is not None or meant is not None:
            plan_id = running.plan_id if running else meant.plan.id if meant else ""
            return redirect(url_for("exam.entry", plan_id=plan_id))
    if choices:
        return render_template("exam/choose.html", choices=in_order(choices))
    return render_template("exam/none.html")


@blueprint.get("/<plan_id>")
@signed_in
def entry(plan_id: str) -> Reply:
    """Say when and how the exam goes, all that keeps it from being open yet, and offer the start."""
    actor = current_actor()
    person_id = str(actor.person_id)
    with runtime().read(arrived_at()) as uow:
        plan = get_plan(uow, plan_id)
        application = live_application(uow, person_id, plan_id)
        facts = queries.exam_facts(uow, person_id, plan)
        if application is None and not facts.attempts:
            raise NotFound
        reasons = attempts.why_not_start(uow, person_id, plan, facts)
        may_study = False
        if any(reason.code == NOT_STUDIED_ENOUGH for reason in reasons):
            # Only the page looks into the study room, for its figures; the rule is the spine's.
            study = progress(uow, person_id, plan)
            stage = stage_reasons(application, plan, StageKind.STUDY, uow.now)
            reasons = in_figures(
                reasons, missing_reasons(study.counted, study.pending, study.required, stage)
            )
            may_study = not stage
        paper = blueprint_facts(uow, plan.blueprint_id) if plan.blueprint_id else None
        has_others = len(stage_choices(uow, person_id, StageKind.EXAM)) > 1
        terms = terms_of(uow, person_id, plan, application.id if application else None)
        seat = rooms.own_seat(uow, person_id, plan_id)
        number = rooms.candidate_number(uow, person_id, plan_id) if seat else None
        awaits_seat = seat is None and rooms.has_rooms(uow, plan_id)
        now = uow.now
    waits = [reason.code for reason in reasons] == [f"{StageKind.EXAM}.window_not_open"]
    given = time_given(facts.rules, now, terms.granted_seconds, terms.extension_seconds)
    return render_template(
        "exam/entry.html",
        plan=plan,
        facts=facts,
        running=facts.open_attempt(now),
        reasons=reasons,
        may_study=may_study,
        has_others=has_others,
        seat=seat,
        number=written_number(number) if number else "",
        awaits_seat=awaits_seat,
        wait_ms=ms_left(plan.exam_from, now) if waits else None,
        close_ms=ms_left(given.closes, now),
        given=given,
        jitter_ms=JITTER_MS,
        parts=_parts(paper.blueprint.sections) if paper else [],
        paper=paper,
        application=application,
        trail=_trail(facts.attempts),
        act=ActForm(),
        now=now,
    )


@blueprint.post("/<plan_id>/start")
@signed_in
def start(plan_id: str) -> Reply:
    """Start an attempt in one POST; the page it leads to carries the questions."""
    # The time of the candidate starts when his turn in the store has come, not while he queues (K1).
    attempt_id = starting.begin(runtime(), current_actor(), plan_id)
    return redirect(url_for("exam.runner", attempt_id=attempt_id), 303)


@blueprint.get("/attempts/<attempt_id>")
@signed_in
def runner(attempt_id: str) -> Reply:
    """The exam itself, for the one login session that may save."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
        if not attempt.is_open(uow.now):
            return redirect(url_for("exam.result", attempt_id=attempt_id))
        there = on_page(uow, attempt)
        title = there.title
        seat = rooms.own_seat(uow, attempt.person_id, attempt.plan_id) if there.has_seat else None
        line = _line(attempt, seat)
        if attempt.login_session_id != actor.login_session_id:
            return render_template(
                "exam/take_over.html", attempt=attempt, plan_title=title, act=ActForm(), now=uow.now
            )
        if attempt.is_paused(uow.now):
            return render_template(
                "exam/paused.html", attempt=attempt, plan_title=title, line=line, why=pause_reason(uow, attempt),
                remaining_ms=attempt.remaining_ms(uow.now), now=uow.now,
            )  # fmt: skip
        told = [said_of(one) for one in unread(uow, attempt_id)] if there.has_words else []
        switch = last_switch(uow, attempt_id) if there.has_sightings else NEVER_AWAY
        questions = tuple(answers.sheet_of(uow, attempt_id).values())
        saved = queries.saved_answers(uow, attempt_id) if there.has_answers else {}
        marks = review_marks(uow, attempt_id) if there.has_marks else {}
        pictures = queries.pictures_on(uow, questions)
        lease = answers.give_lease(uow.vault, attempt_id, str(actor.login_session_id))
        # The time of rendering is not taken from the candidate: the remaining time is read last.
        remaining = attempt.remaining_ms(runtime().clock.now())
    return show(
        Sheet(
            id=attempt_id, title=title, line=line, lease=lease,
            addresses=_addresses(request.script_root).of(attempt_id),
            told=told, last_switch=switch, deadline_at=attempt.deadline_at, remaining_ms=remaining,
            questions=questions, saved=saved, first_revision=first_revision(attempt.hold_no), marks=marks,
            pictures=shown_pictures(
                pictures, lambda key: url_for("exam.picture", attempt_id=attempt_id, key=key)
            ),
        )
    )  # fmt: skip


@lru_cache(maxsize=4)
def _addresses(_root: str) -> Addresses:
    """Look up the addresses of a page once, for an attempt that nobody has."""
    return Addresses(
        here=url_for("exam.runner", attempt_id=NOBODYS), save=url_for("exam_api.answer"),
        mark=url_for("exam_api.mark"), submit=url_for("exam_api.submit"),
        clock=url_for("exam_api.clock", attempt_id=NOBODYS),
        hand_in=url_for("exam.hand_in", attempt_id=NOBODYS),
        result=url_for("exam.result", attempt_id=NOBODYS),
    )  # fmt: skip


@blueprint.get("/attempts/<attempt_id>/pictures/<key>")
@signed_in
def picture(attempt_id: str, key: str) -> Response:
    """Send a picture of the paper while its exam runs, to the login session that sits it."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
        if not attempt.is_open(uow.now):
            raise NotFound
        if attempt.login_session_id != actor.login_session_id:
            raise taken_over()
        found = queries.picture_on(uow, attempt_id, key)
    return send_picture(found)


@blueprint.post("/attempts/<attempt_id>/take-over")
@signed_in
def take_over(attempt_id: str) -> Reply:
    """Continue here what was begun on another device (B9)."""
    with runtime().write(arrived_at()) as uow:
        attempts.take_over(uow, current_actor(), attempt_id)
    return redirect(url_for("exam.runner", attempt_id=attempt_id), 303)


@blueprint.post("/attempts/<attempt_id>/hand-in")
@leased
def hand_in(attempt_id: str) -> Reply:
    """Take the whole sheet of a page without scripts: save it, and hand it in when asked to."""
    lease = answers.read_lease(runtime().vault, request.form.get("lease"))
    if lease.attempt_id != attempt_id:
        raise NotFound
    finish = wants_to_hand_in(request.form)
    try:
        with runtime().write(arrived_at()) as uow:
            attempt = attempts.holder_of(uow, lease)
            outdated = attempts.save_sheet(uow, lease, read_sheet(request.form, attempt.question_count))
            in_time = attempts.hand_in(uow, lease) if finish else True
    except AttemptClosed:
        with runtime().write(arrived_at()) as uow:
            in_time = attempts.hand_in(uow, lease)
        finish, outdated = True, 0
    if outdated:
        flash(_changed_elsewhere(outdated), "wait")
    if not finish:
        flash(_("答案已保存"), "ok")
        return redirect(url_for("exam.runner", attempt_id=attempt_id), 303)
    if not in_time:
        flash(_("这次提交在规定时间之后到达，没有计入；到时前已保存的答案都已评分"), "wait")
    return redirect(url_for("exam.result", attempt_id=attempt_id), 303)


@blueprint.get("/attempts/<attempt_id>/result")
@signed_in
def result(attempt_id: str) -> Reply:
    """The score, exactly, and the way on. Keys and explanations are not shown."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
        if attempt.is_open(uow.now):
            return redirect(url_for("exam.runner", attempt_id=attempt_id))
        plan = get_plan(uow, attempt.plan_id)
        facts = queries.exam_facts(uow, str(actor.person_id), plan)
        reasons = attempts.why_not_start(uow, str(actor.person_id), plan, facts)
        receipt = receipt_of(uow, attempt)
        after = after_exam(uow, attempt, plan)
        ending = find_ending(uow, attempt_id)
        window = window_for(uow, plan, attempt.application_id)
    return render_template(
        "exam/result.html",
        **after,
        receipt=receipt,
        attempt=attempt,
        plan=window,
        facts=facts,
        reasons=reasons,
        is_final=is_final(reasons),
        is_graded=attempt.state is AttemptState.GRADED,
        is_voided=attempt.state is AttemptState.VOIDED,
        awaits_verdict=ending is not None and ending.awaits_verdict,
        areas=[(_(AREAS.get(name, name)), *row) for name, *row in attempt.breakdown.get("areas", [])],
        types=[(_(TYPE_NAMES[ItemType(name)]), *row) for name, *row in attempt.breakdown.get("types", [])],
        trail=_trail(facts.attempts, except_id=attempt_id),
    )


def _line(attempt: AttemptFacts, seat: rooms.OwnSeat | None) -> str:
    """Say which sitting it is and, where rooms are used, on which seat."""
    line = _("第 %(n)s 次", n=attempt.attempt_no)
    return f"{line} · {_('%(room)s %(seat)s 号', room=seat.room_name, seat=seat.seat)}" if seat else line


def _changed_elsewhere(count: int) -> str:
    return ngettext("有 %(num)s 题在别处改过，以后改的为准", "有 %(num)s 题在别处改过，以后改的为准", count)


def _parts(sections: Sequence[Any]) -> list[tuple[str, int, int]]:
    """Return (type name, questions, hundredths of a point) per question type, in the paper's order."""
    parts: dict[str, list[int]] = {}
    for section in sections:
        row = parts.setdefault(TYPE_NAMES[section.type], [0, 0])
        row[0] += section.count
        row[1] += section.points
    return [(_(name), count, points) for name, (count, points) in parts.items()]


def _trail(attempts_: Sequence[AttemptFacts], except_id: str = "") -> list[AttemptFacts]:
    return [attempt for attempt in reversed(attempts_) if attempt.id != except_id]
