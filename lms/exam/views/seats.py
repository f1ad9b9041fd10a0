"""Seats for the exam administrator: picking people, filling rooms, another seat for one, and lists from files."""

from io import BytesIO
from urllib.parse import quote

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.core.catalogue import ngettext
from lms.core.errors import NotFound, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, opens_at, runtime
from lms.exam.forms.rooms import ListForm, PeopleForm, SeatForm, TakeListForm
from lms.exam.policy.rooms import LIST_BYTES_MAX, judge, read_wishes
from lms.exam.queries import reach as reaches
from lms.exam.queries import rooms as queries
from lms.exam.seat_workbook import read_seats, write_seats
from lms.exam.service import seats as service
from lms.exam.views.rooms import Reply, blueprint, decide, offer_people

__all__ = ["blueprint"]

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/<room_id>/seats")
@roles(Role.EXAM_ADMIN)
def place(plan_id: str, room_id: str) -> Reply:
    """Seat those who were picked in a room."""
    form = PeopleForm(prefix="seat")
    with runtime().read(arrived_at()) as uow:
        queries.get_room(uow, reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN), room_id)
        offer_people(form, queries.standing(uow, plan_id))
    if not form.people.data:
        flash(_("没有安排：请先勾选考生"), "wait")
        return redirect(url_for("rooms.show", plan_id=plan_id, room_id=room_id), 303)
    return decide(
        plan_id, room_id, "people_form", form, _("座位已安排"),
        lambda uow: service.place(uow, current_actor(), plan_id, room_id, form.people.data or []),
    )  # fmt: skip


@blueprint.post("/fill")
@roles(Role.EXAM_ADMIN)
def fill(plan_id: str) -> Response:
    """Give everybody without a seat one."""
    opens_at(url_for("rooms.index", plan_id=plan_id))
    with runtime().write(arrived_at()) as uow:
        seated, left = service.fill_rooms(uow, current_actor(), plan_id)
    flash(ngettext("已安排 %(num)s 人的座位", "已安排 %(num)s 人的座位", seated), "ok" if seated else "now")
    if left:
        flash(
            ngettext(
                "座位不够，还有 %(num)s 人没有座位：请加考场或座位",
                "座位不够，还有 %(num)s 人没有座位：请加考场或座位", left,
            ), "wait",
        )  # fmt: skip
    return redirect(url_for("rooms.index", plan_id=plan_id), 303)


@blueprint.route("/people/<person_id>", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def person(plan_id: str, person_id: str) -> Reply:
    """Give one person a seat, or another one."""
    form = SeatForm()
    with runtime().read(arrived_at()) as uow:
        _offer_rooms(uow, form, plan_id)
    if not form.is_submitted():
        return _person_page(plan_id, person_id, form)
    if not form.validate():
        return _person_page(plan_id, person_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            placed = service.move(
                uow, current_actor(), plan_id, person_id, form.room.data, form.seat.data,
                goes_on=bool(form.goes_on.data),
            )  # fmt: skip
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _person_page(plan_id, person_id, form), refusal.status
    flash(_("座位已改为 %(seat)s 号", seat=placed.seat), "ok")
    return redirect(url_for("rooms.show", plan_id=plan_id, room_id=placed.room_id), 303)


@blueprint.post("/people/<person_id>/free")
@roles(Role.EXAM_ADMIN)
def free(plan_id: str, person_id: str) -> Response:
    """Take somebody's seat back."""
    opens_at(url_for("rooms.person", plan_id=plan_id, person_id=person_id))
    with runtime().write(arrived_at()) as uow:
        service.free(uow, current_actor(), plan_id, person_id)
    flash(_("座位已空出"), "ok")
    return redirect(url_for("rooms.index", plan_id=plan_id), 303)


@blueprint.post("/list.xlsx")
@roles(Role.EXAM_ADMIN)
def download(plan_id: str) -> Response:
    """Send all candidates with their numbers and seats, to be filled in and uploaded; who has no number gets one."""
    opens_at(url_for("rooms.upload", plan_id=plan_id))
    with runtime().write(arrived_at()) as uow:
        service.number_everyone(uow, current_actor(), plan_id)
        people = queries.candidates(uow, plan_id)
        seats = queries.seats_now(uow, plan_id)
        names = {room.id: room.name for room in queries.room_seats(uow, plan_id)}
        number = reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN).plan.number
    found = [(one, seats.get(one.person_id)) for one in people]
    made = write_seats(
        (one, names[seat.room_id] if seat else "", seat.seat if seat else None) for one, seat in found
    )
    reply = send_file(BytesIO(made), mimetype=WORKBOOK)
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(_('座位表'))}-{number}.xlsx"
    return reply


@blueprint.route("/list", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def upload(plan_id: str) -> Reply:
    """Check a list of seats, and show what it would do; nothing is written."""
    form = ListForm()
    with runtime().read(arrived_at()) as uow:
        plan = reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN).plan
    if not form.is_submitted():
        return render_template("exam/seat_upload.html", plan=plan, form=form)
    sent = request.files.get("file")
    if not form.validate() or sent is None:
        return render_template("exam/seat_upload.html", plan=plan, form=form), 422
    try:
        # One byte more than allowed is enough to know that a file is too long.
        rows = read_seats(sent.stream.read(LIST_BYTES_MAX + 1), sent.filename or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return render_template("exam/seat_upload.html", plan=plan, form=form), refusal.status
    with runtime().read(arrived_at()) as uow:
        rooms, now = queries.room_seats(uow, plan_id), queries.seats_now(uow, plan_id)
        people = queries.listed(uow, plan_id)
    wishes, faults = read_wishes(rows, rooms, people)
    judged = judge(wishes, rooms, now)
    take = TakeListForm(formdata=None)
    take.carry(wishes, judged.digest)
    names = {one.person_id: one.name for one in people}
    return render_template(
        "exam/seat_upload.html", plan=plan, form=form, judged=judged, take=take, names=names, now=now,
        faults=sorted([*faults, *judged.faults], key=lambda one: one.row),
        rooms={room.id: room.name for room in rooms}, read=len(rows),
    )  # fmt: skip


@blueprint.post("/list/take")
@roles(Role.EXAM_ADMIN)
def take(plan_id: str) -> Response:
    """Do what the dry run showed."""
    form = TakeListForm()
    opens_at(url_for("rooms.upload", plan_id=plan_id))
    with runtime().read(arrived_at()) as uow:
        reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
    wishes = form.wanted() if form.validate_on_submit() else []
    if not wishes:
        flash(_("没有写入：请重新上传座位表"), "failed")
        return redirect(url_for("rooms.upload", plan_id=plan_id), 303)
    with runtime().write(arrived_at()) as uow:
        done = service.take_list(uow, current_actor(), plan_id, wishes, form.digest.data or "")
    flash(
        ngettext(
            "座位表已写入，%(num)s 人的座位已安排", "座位表已写入，%(num)s 人的座位已安排", len(done.moves)
        ),
        "ok",
    )
    return redirect(url_for("rooms.index", plan_id=plan_id), 303)


def _offer_rooms(uow: UnitOfWork, form: SeatForm, plan_id: str) -> None:
    reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
    form.room.choices = [SelectChoice("", _("请选择"))] + [
        SelectChoice(room.id, _("%(room)s（空 %(free)s 个座位）", room=room.name, free=len(room.free)))
        for room in queries.room_seats(uow, plan_id)
    ]


def _person_page(plan_id: str, person_id: str, form: SeatForm) -> str:
    with runtime().read(arrived_at()) as uow:
        reach = reaches.reach_of(uow, current_actor(), plan_id, Role.EXAM_ADMIN)
        who = next((one for one in queries.candidates(uow, plan_id) if one.person_id == person_id), None)
        seated = next((one for one in queries.seat_lines(uow, plan_id) if one.person_id == person_id), None)
        if who is None and seated is None:
            raise NotFound
        seat = queries.own_seat(uow, person_id, plan_id)
        is_paused = queries.paused_attempt(uow, person_id, plan_id) is not None
    return render_template(
        "exam/seat.html", plan=reach.plan, who=who or seated, person_id=person_id, seat=seat, form=form,
        is_paused=is_paused, is_admitted=who is not None,
    )  # fmt: skip
