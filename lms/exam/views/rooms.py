"""Exam rooms for the exam administrator: making them, and who watches which; and the printed list of seats."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.core.errors import NotFound, Refusal
from lms.core.forms import HouseForm
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, opens_at, runtime
from lms.exam.forms.rooms import InvigilatorForm, PeopleForm, RoomForm
from lms.exam.policy.rooms import removal_reasons, written_number
from lms.exam.queries import reach as reaches
from lms.exam.queries import rooms as queries
from lms.exam.queries.reach import WATCHERS
from lms.exam.service import rooms as service

Reply = str | Response | tuple[str, int]
blueprint = Blueprint("rooms", __name__, url_prefix="/desk/invigilation/<plan_id>/rooms")


@blueprint.route("/", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def index(plan_id: str) -> Reply:
    """List the rooms of a plan's exam, and make one more."""
    form = RoomForm()
    if not form.is_submitted():
        return index_page(plan_id, form)
    with runtime().read(arrived_at()) as uow:
        reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
    if not form.validate():
        return index_page(plan_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.make_room(
                uow, current_actor(), plan_id, form.name.data or "", form.place.data or "", form.seat_count.data or 0
            )  # fmt: skip
    except Refusal as refusal:
        show_reasons(form, refusal)
        return index_page(plan_id, form), refusal.status
    flash(_("考场已建好"), "ok")
    return redirect(url_for("rooms.index", plan_id=plan_id), 303)


@blueprint.route("/<room_id>", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def show(plan_id: str, room_id: str) -> Reply:
    """Show a room with its seats, and change it."""
    form = RoomForm()
    if not form.is_submitted():
        return room_page(plan_id, room_id)
    return decide(
        plan_id, room_id, "form", form, _("考场已修改"),
        lambda uow: service.change_room(
            uow, current_actor(), plan_id, room_id, form.name.data or "", form.place.data or "",
            form.seat_count.data or 0,
        ),
    )  # fmt: skip


@blueprint.post("/<room_id>/remove")
@roles(Role.EXAM_ADMIN)
def remove(plan_id: str, room_id: str) -> Reply:
    """Remove an empty room."""
    opens_at(url_for("rooms.show", plan_id=plan_id, room_id=room_id))
    with runtime().write(arrived_at()) as uow:
        service.remove_room(uow, current_actor(), plan_id, room_id)
    flash(_("考场已删除"), "ok")
    return redirect(url_for("rooms.index", plan_id=plan_id), 303)


@blueprint.post("/<room_id>/invigilators")
@roles(Role.EXAM_ADMIN)
def bind(plan_id: str, room_id: str) -> Reply:
    """Bind an invigilator to a room."""
    form = InvigilatorForm(prefix="watch")
    with runtime().read(arrived_at()) as uow:
        _offer(uow, form, plan_id, room_id)
    return decide(
        plan_id, room_id, "watch_form", form, _("监考员已绑定，这场考试里他只能看到和处理所绑定的考场"),
        lambda uow: service.bind(uow, current_actor(), plan_id, room_id, form.person.data or ""),
    )  # fmt: skip


@blueprint.post("/<room_id>/invigilators/<person_id>/unbind")
@roles(Role.EXAM_ADMIN)
def unbind(plan_id: str, room_id: str, person_id: str) -> Reply:
    """Let an invigilator go from a room."""
    opens_at(url_for("rooms.show", plan_id=plan_id, room_id=room_id))
    with runtime().write(arrived_at()) as uow:
        service.unbind(uow, current_actor(), plan_id, room_id, person_id)
    flash(_("已解除绑定"), "ok")
    return redirect(url_for("rooms.show", plan_id=plan_id, room_id=room_id), 303)


@blueprint.get("/print")
@roles(*WATCHERS)
def print_(plan_id: str) -> str:
    """Show the seats of the rooms in reach for printing, a page for each room; ID numbers are not on it."""
    wanted = request.args.get("room", "")[:16]
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, current_actor(), plan_id)
        rooms = [room for room in queries.rooms_of(uow, reach) if not wanted or room.id == wanted]
        lines = queries.seat_lines(uow, plan_id)
        now = uow.now
    if wanted and not rooms:
        raise NotFound
    sheets = [(room, [line for line in lines if line.room_id == room.id]) for room in rooms]
    sheets = [(room, some) for room, some in sheets if some]
    return render_template(
        "exam/seat_list.html", plan=reach.plan, sheets=sheets, now=now, written_number=written_number
    )


def index_page(plan_id: str, form: RoomForm) -> str:
    """Draw the list of rooms."""
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
        rooms = queries.rooms_of(uow, reach)
        waiting = queries.standing(uow, plan_id)
    return render_template("exam/rooms.html", plan=reach.plan, rooms=rooms, waiting=len(waiting), form=form)


def decide(
    plan_id: str, room_id: str, name: str, form: HouseForm, done: str, act: Callable[[UnitOfWork], Any]
) -> Reply:
    """Do something about a room and show it again, with what is to be repaired at its form."""
    with runtime().read(arrived_at()) as uow:
        queries.get_room(uow, reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN), room_id)
    if not form.validate_on_submit():
        return room_page(plan_id, room_id, **{name: form}), 422
    try:
        with runtime().write(arrived_at()) as uow:
            act(uow)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return room_page(plan_id, room_id, **{name: form}), refusal.status
    flash(done, "ok")
    return redirect(url_for("rooms.show", plan_id=plan_id, room_id=room_id), 303)


def room_page(plan_id: str, room_id: str, **given: HouseForm) -> str:
    """Draw a room; `given` are forms that came back with something to repair."""
    forms: dict[str, Any] = {
        "people_form": PeopleForm(formdata=None, prefix="seat"),
        "watch_form": InvigilatorForm(formdata=None, prefix="watch"), **given,
    }  # fmt: skip
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
        room = queries.get_room(uow, reach, room_id)
        lines = queries.seat_lines(uow, plan_id, room_id)
        waiting = queries.standing(uow, plan_id)
        removal = removal_reasons(room.name, room.taken, queries.room_paused_until(uow, room_id))
        _offer(uow, forms["watch_form"], plan_id, room_id)
    offer_people(forms["people_form"], waiting)
    forms.setdefault(
        "form", RoomForm(formdata=None, name=room.name, place=room.place, seat_count=room.seat_count)
    )
    return render_template(
        "exam/room.html", plan=reach.plan, room=room, lines=lines, waiting=waiting, written_number=written_number,
        groups=_groups(forms["people_form"], waiting), removal=removal, **forms,
    )  # fmt: skip


def offer_people(form: PeopleForm, waiting: list[queries.Standee]) -> None:
    """Offer those without a seat."""
    form.people.choices = [
        SelectChoice(one.person_id, f"{one.name} {written_number(one.number)}" if one.number else one.name)
        for one in waiting
    ]


def _groups(form: PeopleForm, waiting: list[queries.Standee]) -> list[dict[str, Any]]:
    """Fold the people by their employers."""
    picked = set(form.people.data or ())
    options = dict(zip((one.person_id for one in waiting), form.people, strict=True))
    groups: dict[str, dict[str, Any]] = {}
    for one in sorted(waiting, key=lambda person: person.employer):
        group = groups.setdefault(one.employer, {"name": one.employer, "options": [], "ticked": 0})
        group["options"].append(options[one.person_id])
        group["ticked"] += one.person_id in picked
    return list(groups.values())


def _offer(uow: UnitOfWork, form: InvigilatorForm, plan_id: str, room_id: str) -> None:
    actor = current_actor()
    reach = reaches.reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
    bound = {person_id for person_id, _name in queries.get_room(uow, reach, room_id).invigilators}
    known = queries.invigilators(uow, reach, actor.scope_paths(Role.EXAM_ADMIN))
    form.person.choices = [SelectChoice("", _("请选择"))] + [
        SelectChoice(person_id, _("%(name)s（%(place)s）", name=name, place=place))
        for person_id, name, place in known
        if person_id not in bound
    ]
