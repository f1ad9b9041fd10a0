"""Invigilation for staff: the exams of the day, the live board, what is done for many, and more time before the exam.

The board notices and shows; whatever happens, a person does it, with a reason.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.core.catalogue import ngettext
from lms.core.errors import Refusal
from lms.core.forms import HouseForm
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, opens_at, runtime
from lms.exam.forms.board import (
    ExtraForm,
    MessageForm,
    PauseForm,
    ReasonForm,
    TargetForm,
    TimeForm,
)
from lms.exam.policy.conditions import (
    EVERYONE,
    MINUTE,
    Target,
    TargetKind,
    read_target,
)
from lms.exam.policy.rooms import room_order
from lms.exam.policy.watching import STATE_WORDS
from lms.exam.queries import conditions
from lms.exam.queries import reach as reaches
from lms.exam.queries import rooms as queries
from lms.exam.queries.board import Board, Seat, board
from lms.exam.queries.reach import STEWARDS, WATCHERS, Reach
from lms.exam.service import conditions as fair
from lms.exam.service import messages

Reply = str | Response | tuple[str, int]
blueprint = Blueprint("invigilation", __name__, url_prefix="/desk/invigilation")
SOON, LATELY = timedelta(days=7), timedelta(days=2)
TILES_MOST = 240
"""So many seats are drawn at once; those who need a look come first, and a place or a room narrows the view."""
SEATLESS = "none"
"""What the address says for those who have no seat in a room."""


@blueprint.get("/")
@roles(*WATCHERS)
def index() -> str:
    """List the exams that run, come soon, or ended lately, within the actor's reach."""
    with runtime().read(arrived_at()) as uow:
        now = uow.now
        plans = reaches.plans_watched(uow, current_actor(), since=now - LATELY, until=now + SOON)
    return render_template("exam/watched.html", plans=plans, now=now)


@blueprint.get("/<plan_id>")
@roles(*WATCHERS)
def show(plan_id: str) -> str:
    """Show the board of a plan's exam."""
    return _board_page("exam/board.html", plan_id)


@blueprint.get("/<plan_id>/live")
@roles(*WATCHERS)
def live(plan_id: str) -> str:
    """Answer with the moving part of the board, as it is now."""
    return _board_page("exam/_board.html", plan_id)


def _board_page(template: str, plan_id: str) -> str:
    actor = current_actor()
    show, place, room = (request.args.get(name, "")[:16] for name in ("show", "place", "room"))
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, actor, plan_id)
        now_board = board(uow, reach)
        measures = conditions.measures_of_plan(uow, reach, most=12)
        names = names_of(uow, {one.taken_by for one in measures})
        places = reaches.places(uow, reach)
        has_rooms = queries.has_rooms(uow, plan_id)
        now = uow.now
    rooms = _rooms_on(now_board)
    now_board = now_board.narrowed(
        lambda seat: (
            (not place or seat.place_id == place)
            and (not room or seat.room_id == ("" if room == SEATLESS else room))
        )
    )
    shown = now_board.noticed if show == "look" else list(now_board.seats)
    return render_template(
        template, plan=reach.plan, board=now_board, seats=shown[:TILES_MOST], hidden=max(0, len(shown) - TILES_MOST),
        show=show, place=place, places=places, room=room, rooms=rooms, seatless=SEATLESS,
        has_rooms=has_rooms, is_bound=bool(reach.rooms), measures=measures,
        may_print=has_rooms and (reach.is_whole or bool(reach.rooms)), names=names, now=now,
        state_words=STATE_WORDS, may_act=may_act(reach),
        may_grant=actor.covers(reach.plan.issuer_path, (Role.EXAM_ADMIN,)),
    )  # fmt: skip


def _rooms_on(now_board: Board) -> list[tuple[str, str]]:
    """Return (id, name) of the rooms that people of a board sit in."""
    found = {seat.room_id: seat.room_name for seat in now_board.seats if seat.room_id}
    return sorted(found.items(), key=lambda one: (room_order(one[1]), one[0]))


# -- for many ---------------------------------------------------------------------------------------------


@blueprint.route("/<plan_id>/message", methods=["GET", "POST"])
@roles(*STEWARDS)
def message(plan_id: str) -> Reply:
    """Send words to one, a room, a place or everyone who sits."""
    form = MessageForm()

    def send(uow: UnitOfWork, target: Target) -> str:
        count = messages.send(uow, current_actor(), plan_id, target, form.words.data or "")
        return ngettext("消息已发给 %(num)s 名正在作答的考生", "消息已发给 %(num)s 名正在作答的考生", count)

    return _act(plan_id, form, "message", send)


@blueprint.route("/<plan_id>/time", methods=["GET", "POST"])
@roles(*STEWARDS)
def time(plan_id: str) -> Reply:
    """Give time to one, a room, a place or everyone who sits."""
    form = TimeForm()

    def give(uow: UnitOfWork, target: Target) -> str:
        count = fair.give_time(
            uow, current_actor(), plan_id, target, (form.minutes.data or 0) * MINUTE, form.reason.data or "",
            extends_window=bool(form.extends_window.data),
        )  # fmt: skip
        return ngettext("已补时，%(num)s 名考生的截止时间已改", "已补时，%(num)s 名考生的截止时间已改", count)

    return _act(plan_id, form, "time", give)


@blueprint.route("/<plan_id>/pause", methods=["GET", "POST"])
@roles(*STEWARDS)
def pause(plan_id: str) -> Reply:
    """Let the time of one, a room, a place or everyone stand still."""
    form = PauseForm()

    def stop(uow: UnitOfWork, target: Target) -> str:
        minutes = (form.minutes.data or 0) * MINUTE
        _id, count = fair.pause(uow, current_actor(), plan_id, target, minutes, form.reason.data or "")
        return ngettext("已暂停 %(num)s 名考生的考试", "已暂停 %(num)s 名考生的考试", count)

    return _act(plan_id, form, "pause", stop)


@blueprint.post("/<plan_id>/measures/<measure_id>/resume")
@roles(*STEWARDS)
def resume(plan_id: str, measure_id: str) -> Response:
    """Let the time go on before a pause ends by itself."""
    with runtime().write(arrived_at()) as uow:
        count = fair.resume(uow, current_actor(), plan_id, measure_id)
    flash(
        ngettext("考试继续，%(num)s 名考生的时间接着走", "考试继续，%(num)s 名考生的时间接着走", count), "ok"
    )
    return redirect(url_for("invigilation.show", plan_id=plan_id), 303)


def _act(plan_id: str, form: TargetForm, kind: str, act: Callable[[UnitOfWork, Target], str]) -> Reply:
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, current_actor(), plan_id, *STEWARDS)
        seats = board(uow, reach)
        # Whoever is bound to rooms acts for rooms: the people of an organisation may sit in others as well.
        places = [] if reach.rooms else reaches.places(uow, reach)
        rooms = [(room.id, room.name) for room in queries.rooms_of(uow, reach)]
    form.target.choices = _targets(reach, seats, places, rooms)
    if request.method == "GET":
        form.target.data = request.args.get("target", "")[:40] or None
    if not form.is_submitted():
        return _act_page(reach, form, kind)
    target = read_target(form.target.data or "")
    if not form.validate() or target is None:
        return _act_page(reach, form, kind), 422
    try:
        with runtime().write(arrived_at()) as uow:
            done = act(uow, target)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _act_page(reach, form, kind), refusal.status
    flash(done, "ok")
    return redirect(url_for("invigilation.show", plan_id=plan_id), 303)


def _act_page(reach: Reach, form: HouseForm, kind: str) -> str:
    return render_template("exam/measure.html", plan=reach.plan, form=form, kind=kind)


def _targets(
    reach: Reach, seats: Board, places: list[tuple[str, str]], rooms: list[tuple[str, str]]
) -> list[Any]:
    running = [seat for seat in seats.seats if seat.facts.is_open and seat.attempt]
    found = []
    if reach.is_whole:
        found.append(SelectChoice(EVERYONE.write(), _("全场正在作答的 %(count)s 人", count=len(running))))
    for room_id, name in rooms:
        count = sum(seat.room_id == room_id for seat in running)
        words = _("考场：%(name)s（%(count)s 人）", name=name, count=count)
        found.append(SelectChoice(Target(TargetKind.ROOM, room_id).write(), words))
    for place_id, name in places:
        count = sum(seat.place_id == place_id for seat in running)
        words = _("单位：%(name)s（%(count)s 人）", name=name, count=count)
        found.append(SelectChoice(Target(TargetKind.PLACE, place_id).write(), words))
    found += [
        SelectChoice(
            _target_of(seat), _("考生：%(name)s（%(place)s）", name=seat.person_name, place=seat.place_name)
        )
        for seat in sorted(running, key=lambda one: one.person_name)
    ]
    return found


def _target_of(seat: Seat) -> str:
    return Target(TargetKind.ATTEMPT, seat.attempt.id if seat.attempt else "").write()


# -- more time, before the exam ----------------------------------------------------------------------------


@blueprint.route("/<plan_id>/extra", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def extra(plan_id: str) -> Reply:
    """List who has more time in a plan's exam, and grant it."""
    form, actor = ExtraForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        reaches.reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
        people = reaches.examinees(uow, plan_id)
    form.person.choices = [SelectChoice("", _("请选择"))] + [
        SelectChoice(person_id, _("%(name)s（%(place)s）", name=name, place=place))
        for person_id, name, place in people
    ]
    if not form.is_submitted():
        return _extra_page(plan_id, form)
    if not form.validate():
        return _extra_page(plan_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            fair.grant_extra(
                uow, actor, plan_id, form.person.data, form.percent.data or 0, (form.minutes.data or 0) * MINUTE,
                form.reason.data or "", extends_window=bool(form.extends_window.data),
            )  # fmt: skip
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _extra_page(plan_id, form), refusal.status
    flash(_("延长时间已记下，开考时自动生效"), "ok")
    return redirect(url_for("invigilation.extra", plan_id=plan_id), 303)


@blueprint.post("/<plan_id>/extra/<extra_id>/withdraw")
@roles(Role.EXAM_ADMIN)
def withdraw(plan_id: str, extra_id: str) -> Reply:
    """Take back a grant that was not used yet."""
    form = ReasonForm()
    opens_at(url_for("invigilation.extra", plan_id=plan_id))
    with runtime().read(arrived_at()) as uow:
        reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
        conditions.find_extra(uow, plan_id, extra_id)
    if not form.validate_on_submit():
        flash(_("没有撤回：请写明原因"), "failed")
        return redirect(url_for("invigilation.extra", plan_id=plan_id), 303)
    with runtime().write(arrived_at()) as uow:
        fair.withdraw_extra(uow, current_actor(), plan_id, extra_id, form.reason.data or "")
    flash(_("已撤回。已经开始的考试不受影响"), "ok")
    return redirect(url_for("invigilation.extra", plan_id=plan_id), 303)


def _extra_page(plan_id: str, form: ExtraForm) -> str:
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
        lines = conditions.extras_of_plan(uow, plan_id)
        names = names_of(uow, {line.granted_by for line in lines})
    return render_template(
        "exam/extra.html",
        plan=reach.plan,
        lines=lines,
        names=names,
        form=form,
        reason_form=ReasonForm(formdata=None),
    )


def may_act(reach: Reach) -> bool:
    """Tell whether the present person may do something about the exams within his reach, or only look."""
    actor = current_actor()
    return not reach.is_whole or actor.covers(reach.plan.issuer_path, STEWARDS)
