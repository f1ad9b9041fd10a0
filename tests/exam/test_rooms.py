"""Exam rooms: seats as the database keeps them, acts for a room, who is bound to one, and moves during a pause."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.policy import Role
from lms.audit.queries import recent_events
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.identifiers import new_id
from lms.core.invariants import check
from lms.enrolment.policy import ApplicationState
from lms.exam.errors import ExamNotOpen
from lms.exam.invariants import INVARIANTS
from lms.exam.models.rooms import ExamRoom, Seating
from lms.exam.policy.conditions import EVERYONE, Target, TargetKind
from lms.exam.policy.rooms import Wish, judge
from lms.exam.queries import rooms as queries
from lms.exam.queries.board import board
from lms.exam.queries.evidence import EvidenceKind, evidence_of
from lms.exam.queries.reach import plans_watched, reach_of
from lms.exam.service import conditions, messages, rooms, seats
from lms.exam.service.watching import Visit, receive
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.site import ClockControl
from tests.support.statements import statements

WHY = "考场停电，按应急预案处理"
MOMENTS = 20
"""Seconds that a slow machine may take between two lines of a story whose steps are minutes."""


@dataclass
class Hall:
    """Two rooms, and the one who looks after them."""

    house: ExamHouse
    admin: Actor
    first: str
    second: str

    def make(self, name: str, seat_count: int = 3) -> str:
        with self.house.runtime.write() as uow:
            return rooms.make_room(uow, self.admin, self.house.plan_id, name, "实训楼三楼", seat_count)

    def place(self, room_id: str, *people: Candidate) -> int:
        with self.house.runtime.write() as uow:
            ids = [one.person.id for one in people]
            return seats.place(uow, self.admin, self.house.plan_id, room_id, ids)

    def move(self, who: Candidate, room_id: str, seat: int | None = None, **how: bool) -> int:
        with self.house.runtime.write() as uow:
            return seats.move(uow, self.admin, self.house.plan_id, who.person.id, room_id, seat, **how).seat

    def pause(self, room_id: str, minutes: int, actor: Actor | None = None) -> tuple[str, int]:
        with self.house.runtime.write() as uow:
            return conditions.pause(
                uow, actor or self.admin, self.house.plan_id, room(room_id), minutes * 60, WHY
            )

    def resume(self, measure_id: str) -> int:
        with self.house.runtime.write() as uow:
            return conditions.resume(uow, self.admin, self.house.plan_id, measure_id)

    def seat(self, who: Candidate) -> tuple[str, int] | None:
        with self.house.runtime.read() as uow:
            found = queries.seats_now(uow, self.house.plan_id).get(who.person.id)
        return (found.room_id, found.seat) if found else None

    def left(self, attempt_id: str) -> float:
        """Return the seconds on the candidate's clock."""
        return self.house.attempt(attempt_id).remaining_ms(self.house.runtime.clock.now()) / 1000

    def bound(self, *room_ids: str, organisation_id: str | None = None) -> Actor:
        """Make an invigilator who is bound to rooms."""
        person = self.house.people.staff(Role.INVIGILATOR, organisation_id=organisation_id)
        with self.house.runtime.write() as uow:
            for room_id in room_ids:
                rooms.bind(uow, self.admin, self.house.plan_id, room_id, person.id)
        return self.house.people.actor(person)

    def holds(self) -> None:
        with self.house.runtime.read() as uow:
            assert check(uow, INVARIANTS) == {}


def room(room_id: str) -> Target:
    return Target(TargetKind.ROOM, room_id)


@pytest.fixture
def hall(house: ExamHouse) -> Hall:
    found = Hall(house, house.people.actor(house.people.staff(Role.EXAM_ADMIN)), "", "")
    found.first, found.second = found.make("第 1 考场"), found.make("第 2 考场")
    return found


# -- rooms and seats ------------------------------------------------------------------------------


def test_people_get_numbers_and_the_lowest_free_seats(hall: Hall) -> None:
    people = [hall.house.candidate() for _ in range(4)]
    assert hall.place(hall.first, people[2], people[0]) == 2
    with hall.house.runtime.write() as uow:
        assert seats.fill_rooms(uow, hall.admin, hall.house.plan_id) == (2, 0)
        assert seats.fill_rooms(uow, hall.admin, hall.house.plan_id) == (0, 0)
    with hall.house.runtime.read() as uow:
        lines = queries.seat_lines(uow, hall.house.plan_id)
    assert sorted(line.number or 0 for line in lines) == [1, 2, 3, 4]
    taken = {(line.room_id, line.seat) for line in lines}
    assert taken == {(hall.first, 1), (hall.first, 2), (hall.first, 3), (hall.second, 1)}
    hall.holds()


def test_filling_again_after_a_newcomer_moves_nobody_and_says_who_found_no_seat(hall: Hall) -> None:
    people = [hall.house.candidate() for _ in range(6)]
    with hall.house.runtime.write() as uow:
        assert seats.fill_rooms(uow, hall.admin, hall.house.plan_id) == (6, 0)
    before = [hall.seat(one) for one in people]
    late = hall.house.candidate()
    with hall.house.runtime.write() as uow:
        assert seats.fill_rooms(uow, hall.admin, hall.house.plan_id) == (0, 1)
    assert [hall.seat(one) for one in people] == before
    assert hall.seat(late) is None


def test_what_cannot_be_seated_is_refused(hall: Hall) -> None:
    people = [hall.house.candidate() for _ in range(4)]
    with pytest.raises(Invalid) as full:
        hall.place(hall.first, *people)
    assert full.value.reasons[0].code == "room.full"
    assert hall.seat(people[0]) is None
    hall.place(hall.first, people[0])
    with pytest.raises(Invalid) as twice:
        hall.place(hall.second, people[0])
    assert twice.value.reasons[0].code == "seat.has_one"
    for state in (ApplicationState.IN_REVIEW, ApplicationState.REJECTED):
        stranger = hall.house.candidate(state=state)
        with pytest.raises(Invalid) as refused:
            hall.place(hall.first, stranger)
        assert refused.value.reasons[0].code == "seat.not_admitted"
        with pytest.raises(NotFound):
            hall.move(stranger, hall.first)
    with pytest.raises(Invalid) as taken:
        hall.move(people[1], hall.first, 1)
    assert taken.value.reasons[0].code == "seat.taken"
    with pytest.raises(Invalid) as beyond:
        hall.move(people[1], hall.first, 4)
    assert beyond.value.reasons[0].code == "seat.none"


def test_rooms_and_people_of_another_plan_are_not_there(hall: Hall) -> None:
    other = hall.house.plan()
    theirs = hall.house.candidate(other)
    with pytest.raises(Invalid):
        hall.place(hall.first, theirs)
    with hall.house.runtime.write() as uow, pytest.raises(NotFound):
        seats.place(uow, hall.admin, other, hall.first, [theirs.person.id])
    with hall.house.runtime.write() as uow, pytest.raises(NotFound):
        conditions.pause(uow, hall.admin, other, room(hall.first), 600, WHY)
    with hall.house.runtime.write() as uow, pytest.raises(NotFound):
        rooms.change_room(uow, hall.admin, other, hall.first, "x", "y", 3)


def test_only_an_exam_administrator_over_the_issuer_arranges_rooms(hall: Hall) -> None:
    people, candidate = hall.house.people, hall.house.candidate()
    elsewhere = people.actor(people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id))
    watcher = people.actor(people.staff(Role.INVIGILATOR))
    for actor in (elsewhere, watcher, candidate.actor):
        with hall.house.runtime.write() as uow:
            with pytest.raises(NotFound):
                rooms.make_room(uow, actor, hall.house.plan_id, "第 9 考场", "楼", 3)
            with pytest.raises(NotFound):
                seats.fill_rooms(uow, actor, hall.house.plan_id)
            with pytest.raises(NotFound):
                rooms.bind(uow, actor, hall.house.plan_id, hall.first, watcher.person_id or "")


def test_a_room_is_changed_and_its_seats_follow_but_never_below_somebody(hall: Hall) -> None:
    candidate, plan_id = hall.house.candidate(), hall.house.plan_id
    hall.move(candidate, hall.first, 3)
    with hall.house.runtime.write() as uow, pytest.raises(Invalid) as refused:
        rooms.change_room(uow, hall.admin, plan_id, hall.first, "第 1 考场", "楼", 2)
    assert refused.value.reasons[0].code == "room.seats_taken"
    with hall.house.runtime.write() as uow, pytest.raises(Invalid):
        rooms.change_room(uow, hall.admin, plan_id, hall.first, "第 2 考场", "楼", 3)
    with hall.house.runtime.write() as uow:
        rooms.change_room(uow, hall.admin, plan_id, hall.first, "大教室", "实训楼一楼", 40)
    assert hall.seat(candidate) == (hall.first, 3)
    assert hall.move(candidate, hall.first, 40) == 40
    # Where he sat before does not stand in the way of a smaller room.
    hall.move(candidate, hall.second)
    with hall.house.runtime.write() as uow:
        rooms.change_room(uow, hall.admin, plan_id, hall.first, "大教室", "实训楼一楼", 2)
    hall.holds()


@pytest.mark.parametrize(
    ("person", "seat", "room_of"),
    [
        ("same", 2, "first"),
        ("other", 1, "first"),
        ("other", 4, "first"),
        ("other", 0, "first"),
        ("other", 1, "plan"),
    ],
)
def test_the_database_itself_keeps_one_seat_one_person_and_the_size_of_the_room(
    hall: Hall, person: str, seat: int, room_of: str
) -> None:
    first, second = hall.house.candidate(), hall.house.candidate()
    hall.move(first, hall.first, 1)
    plan_id = hall.house.plan() if room_of == "plan" else hall.house.plan_id
    row = {
        "id": new_id(), "plan_id": plan_id, "room_id": hall.first, "seat_count": 3, "seat": seat,
        "person_id": (first if person == "same" else second).person.id, "seated_by": "x",
        "seated_at": hall.house.runtime.clock.now(),
    }  # fmt: skip
    with hall.house.runtime.write() as uow:
        with pytest.raises(IntegrityError):
            uow.session.execute(insert(Seating).values(**row))
        uow.session.rollback()
    with hall.house.runtime.write() as uow:
        with pytest.raises(IntegrityError):
            uow.session.execute(update(ExamRoom).where(ExamRoom.id == hall.first).values(seat_count=0))
        uow.session.rollback()


def test_a_room_with_people_or_a_pause_is_not_removed_and_an_empty_one_gives_its_name_free(
    hall: Hall, clock: ClockControl
) -> None:
    candidate, plan_id = hall.house.candidate(), hall.house.plan_id
    hall.place(hall.first, candidate)
    attempt_id = hall.house.start(candidate)
    watcher = hall.bound(hall.first)
    measure_id, _reached = hall.pause(hall.first, 10)

    def remove() -> None:
        with hall.house.runtime.write() as uow:
            rooms.remove_room(uow, hall.admin, plan_id, hall.first)

    with pytest.raises(Refusal) as both:
        remove()
    assert [reason.code for reason in both.value.reasons] == ["room.paused", "room.seated"]
    hall.move(candidate, hall.second)
    with pytest.raises(Refusal) as paused:
        remove()
    assert [reason.code for reason in paused.value.reasons] == ["room.paused"]
    assert hall.house.attempt(attempt_id).is_paused(hall.house.runtime.clock.now())
    clock.advance(60)
    assert hall.resume(measure_id) == 1
    remove()
    with hall.house.runtime.read() as uow:
        assert reach_of(uow, watcher, plan_id).is_whole
    with hall.house.runtime.write() as uow, pytest.raises(NotFound):
        conditions.pause(uow, hall.admin, plan_id, room(hall.first), 600, WHY)
    assert hall.make("第 1 考场") != hall.first
    hall.holds()


# -- acts for a room --------------------------------------------------------------------------------


def test_a_pause_of_a_room_reaches_its_people_at_once_and_nobody_else(
    hall: Hall, clock: ClockControl
) -> None:
    inside, outside, seatless = (hall.house.candidate() for _ in range(3))
    hall.place(hall.first, inside)
    hall.place(hall.second, outside)
    running = {who.person.id: hall.house.start(who) for who in (inside, outside, seatless)}
    before = {who: hall.house.attempt(attempt).deadline_at for who, attempt in running.items()}

    def told(who: Candidate) -> int:
        lease = hall.house.lease(who, running[who.person.id])
        return receive(hall.house.runtime, lease, Visit(), hall.house.runtime.clock.now_ms()).pause_ms

    measure_id, reached = hall.pause(hall.first, 20)
    assert reached == 1
    # What a page asks every three seconds says so from the commit on.
    assert told(inside) > 19 * 60 * 1000
    assert told(outside) == told(seatless) == 0
    clock.advance(300)
    assert hall.resume(measure_id) == 1
    assert told(inside) == 0
    after = {who: hall.house.attempt(attempt).deadline_at for who, attempt in running.items()}
    given = after[inside.person.id] - before[inside.person.id]
    assert timedelta(seconds=300) <= given <= timedelta(seconds=310)
    assert all(after[one.person.id] == before[one.person.id] for one in (outside, seatless))
    hall.holds()


def test_time_and_words_for_a_room_reach_who_sits_there(hall: Hall) -> None:
    inside, outside = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, inside)
    hall.place(hall.second, outside)
    mine, other = hall.house.start(inside), hall.house.start(outside)
    was = hall.house.attempt(other).deadline_at
    with hall.house.runtime.write() as uow:
        assert conditions.give_time(uow, hall.admin, hall.house.plan_id, room(hall.first), 300, WHY) == 1
        assert messages.send(uow, hall.admin, hall.house.plan_id, room(hall.first), "请换到备用机") == 1
    assert hall.house.attempt(mine).granted_seconds == 300
    assert hall.house.attempt(other).deadline_at == was
    with hall.house.runtime.read() as uow:
        reach = reach_of(uow, hall.admin, hall.house.plan_id)
        assert conditions.queries.measures_of_plan(uow, reach)[0].target_name == "第 1 考场"


def test_nobody_of_a_paused_room_starts_and_who_is_moved_out_does(hall: Hall, clock: ClockControl) -> None:
    waiting = hall.house.candidate()
    hall.place(hall.first, waiting)
    hall.pause(hall.first, 30)
    with pytest.raises(ExamNotOpen) as refused:
        hall.house.start(waiting)
    assert refused.value.reasons[0].code == "exam.paused"
    clock.advance(600)
    hall.move(waiting, hall.second)
    attempt_id = hall.house.start(waiting)
    # The window of the room he waited in was moved for him as well, and stays moved.
    assert hall.house.attempt(attempt_id).paused_until is None
    with hall.house.runtime.read() as uow:
        times = [(line.kind, line.count) for line in evidence_of(uow, hall.house.attempt(attempt_id))]
    assert (EvidenceKind.LATE, 1800) in times
    hall.holds()


def test_a_pause_from_before_he_sat_there_gives_nothing(hall: Hall, clock: ClockControl) -> None:
    late = hall.house.candidate()
    measure_id, _reached = hall.pause(hall.first, 30)
    clock.advance(60)
    hall.resume(measure_id)
    clock.advance(60)
    hall.place(hall.first, late)
    attempt_id = hall.house.start(late)
    with hall.house.runtime.read() as uow:
        kinds = {line.kind for line in evidence_of(uow, hall.house.attempt(attempt_id))}
    assert EvidenceKind.LATE not in kinds


# -- a move during a pause ----------------------------------------------------------------------------


def test_who_is_moved_during_a_pause_keeps_what_it_promised(hall: Hall, clock: ClockControl) -> None:
    moved, stays, there = (hall.house.candidate() for _ in range(3))
    hall.place(hall.first, moved, stays)
    hall.place(hall.second, there)
    mine, other, third = (hall.house.start(one) for one in (moved, stays, there))
    measure_id, _reached = hall.pause(hall.first, 20)
    frozen = hall.left(mine)
    clock.advance(120)
    hall.move(moved, hall.second)
    assert hall.left(mine) == frozen
    clock.advance(120)
    # The new room's people go on, he does not; and the end of the old room's pause is his as well.
    assert not hall.house.attempt(third).is_paused(hall.house.runtime.clock.now())
    assert hall.resume(measure_id) == 2
    assert abs(hall.left(mine) - frozen) <= MOMENTS
    assert abs(hall.left(other) - hall.left(mine)) <= MOMENTS
    hall.holds()


def test_who_is_moved_during_a_pause_may_go_on_at_once_and_the_others_pause_on(
    hall: Hall, clock: ClockControl
) -> None:
    moved, stays = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, moved, stays)
    mine, other = hall.house.start(moved), hall.house.start(stays)
    measure_id, _reached = hall.pause(hall.first, 20)
    frozen = hall.left(mine)
    clock.advance(300)
    hall.move(moved, hall.second, goes_on=True)
    now = hall.house.runtime.clock.now()
    assert not hall.house.attempt(mine).is_paused(now)
    assert hall.house.attempt(other).is_paused(now)
    assert abs(hall.left(mine) - frozen) <= MOMENTS
    clock.advance(60)
    assert hall.resume(measure_id) == 1
    assert abs(hall.left(mine) - (frozen - 60)) <= MOMENTS
    with hall.house.runtime.write() as uow, pytest.raises(Refusal):
        conditions.go_on(uow, hall.admin, mine)
    hall.holds()


def test_who_was_let_out_of_a_pause_is_not_put_back_when_another_ends(
    hall: Hall, clock: ClockControl
) -> None:
    moved, stays = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, moved, stays)
    mine, other = hall.house.start(moved), hall.house.start(stays)
    of_room, _reached = hall.pause(hall.first, 60)
    hall.move(moved, hall.second, goes_on=True)
    frozen = hall.left(mine)
    with hall.house.runtime.write() as uow:
        of_all, _reached = conditions.pause(uow, hall.admin, hall.house.plan_id, EVERYONE, 1200, WHY)
    clock.advance(60)
    assert hall.resume(of_all) == 1
    now = hall.house.runtime.clock.now()
    assert not hall.house.attempt(mine).is_paused(now)
    assert hall.house.attempt(other).is_paused(now)
    assert abs(hall.left(mine) - frozen) <= MOMENTS
    assert hall.resume(of_room) == 1
    assert not hall.house.attempt(other).is_paused(hall.house.runtime.clock.now())
    hall.holds()


def test_who_was_moved_within_a_pause_stays_in_it_when_another_ends(hall: Hall, clock: ClockControl) -> None:
    moved, came = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, moved)
    hall.place(hall.second, came)
    mine, free = hall.house.start(moved), hall.house.start(came)
    of_room, _reached = hall.pause(hall.first, 60)
    with hall.house.runtime.write() as uow:
        of_all, _reached = conditions.pause(uow, hall.admin, hall.house.plan_id, EVERYONE, 7200, WHY)
    hall.move(moved, hall.second)
    assert hall.resume(of_all) == 1
    now = hall.house.runtime.clock.now()
    assert (hall.house.attempt(mine).is_paused(now), hall.house.attempt(free).is_paused(now)) == (True, False)
    assert hall.resume(of_room) == 1
    hall.holds()


def test_a_pause_runs_to_its_planned_end_for_who_was_moved(hall: Hall, clock: ClockControl) -> None:
    moved = hall.house.candidate()
    hall.place(hall.first, moved)
    mine = hall.house.start(moved)
    hall.pause(hall.first, 5)
    frozen = hall.left(mine)
    hall.move(moved, hall.second)
    clock.advance(301)
    assert abs(hall.left(mine) - (frozen - 1)) <= MOMENTS
    hall.holds()


def test_a_pause_of_the_new_room_that_began_before_does_not_reach_who_comes(hall: Hall) -> None:
    comes = hall.house.candidate()
    hall.place(hall.first, comes)
    mine = hall.house.start(comes)
    hall.pause(hall.second, 20)
    hall.move(comes, hall.second)
    assert not hall.house.attempt(mine).is_paused(hall.house.runtime.clock.now())


def test_nobody_gives_himself_another_seat(hall: Hall) -> None:
    candidate = hall.house.candidate()
    hall.place(hall.first, candidate)
    both = replace(hall.admin, person_id=candidate.person.id)
    with hall.house.runtime.write() as uow:
        with pytest.raises(Refusal):
            seats.move(uow, both, hall.house.plan_id, candidate.person.id, hall.second, None)
        with pytest.raises(Refusal):
            seats.free(uow, both, hall.house.plan_id, candidate.person.id)


# -- who is bound to a room ----------------------------------------------------------------------------


def test_a_bound_invigilator_sees_and_acts_in_his_rooms_alone(hall: Hall) -> None:
    inside, outside = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, inside)
    hall.place(hall.second, outside)
    mine, other = hall.house.start(inside), hall.house.start(outside)
    # One holds the role over the issuer, the other over a city whose people do not even sit here.
    for home in (None, hall.house.people.other_city_id):
        actor, plan_id = hall.bound(hall.first, organisation_id=home), hall.house.plan_id
        with hall.house.runtime.read() as uow:
            seen = board(uow, reach_of(uow, actor, plan_id)).seats
            span = timedelta(days=1)
            watched = plans_watched(uow, actor, since=uow.now - span, until=uow.now + span)
        assert [seat.person_id for seat in seen] == [inside.person.id]
        assert [plan.id for plan in watched] == [plan_id]
        beyond = [
            EVERYONE, room(hall.second), Target(TargetKind.PLACE, hall.house.people.institution_id),
            Target(TargetKind.ATTEMPT, other),
        ]  # fmt: skip
        for target in beyond:
            with hall.house.runtime.write() as uow, pytest.raises(NotFound):
                conditions.give_time(uow, actor, plan_id, target, 60, WHY)
            with hall.house.runtime.write() as uow, pytest.raises(NotFound):
                messages.send(uow, actor, plan_id, target, "请注意")
        with hall.house.runtime.write() as uow:
            assert conditions.give_time(uow, actor, plan_id, room(hall.first), 60, WHY) == 1
            mine_too = Target(TargetKind.ATTEMPT, mine)
            assert conditions.give_time(uow, actor, plan_id, mine_too, 60, WHY) == 1
    hall.holds()


def test_a_bound_invigilator_ends_only_pauses_of_his_own_rooms(hall: Hall) -> None:
    actor = hall.bound(hall.first)
    theirs, _reached = hall.pause(hall.second, 10)
    with hall.house.runtime.write() as uow:
        everyone, _reached = conditions.pause(uow, hall.admin, hall.house.plan_id, EVERYONE, 600, WHY)
    for measure_id in (theirs, everyone):
        with hall.house.runtime.write() as uow, pytest.raises(NotFound):
            conditions.resume(uow, actor, hall.house.plan_id, measure_id)
    own, _reached = hall.pause(hall.first, 10, actor)
    with hall.house.runtime.write() as uow:
        assert conditions.resume(uow, actor, hall.house.plan_id, own) == 0


def test_without_a_binding_the_role_reaches_what_it_reached(hall: Hall) -> None:
    actor = hall.bound(hall.first)
    other = hall.house.plan()
    with hall.house.runtime.read() as uow:
        assert reach_of(uow, actor, hall.house.plan_id).rooms == (hall.first,)
        assert reach_of(uow, actor, other).is_whole
    with hall.house.runtime.write() as uow:
        rooms.unbind(uow, hall.admin, hall.house.plan_id, hall.first, actor.person_id or "")
    with hall.house.runtime.read() as uow:
        assert reach_of(uow, actor, hall.house.plan_id).is_whole
    with hall.house.runtime.write() as uow, pytest.raises(Conflict):
        rooms.unbind(uow, hall.admin, hall.house.plan_id, hall.first, actor.person_id or "")


def test_a_binding_without_the_role_opens_nothing(hall: Hall) -> None:
    actor = hall.bound(hall.first)
    with hall.house.runtime.read() as uow, pytest.raises(NotFound):
        reach_of(uow, replace(actor, grants=()), hall.house.plan_id)
    trainee = hall.house.candidate()
    with hall.house.runtime.write() as uow, pytest.raises(NotFound):
        rooms.bind(uow, hall.admin, hall.house.plan_id, hall.first, trainee.person.id)


def test_an_invigilator_of_an_organisation_acts_for_no_room(hall: Hall) -> None:
    people = hall.house.people
    actor = people.actor(people.staff(Role.INVIGILATOR, organisation_id=people.institution_id))
    hall.place(hall.first, hall.house.candidate())
    with hall.house.runtime.write() as uow, pytest.raises(NotFound):
        conditions.pause(uow, actor, hall.house.plan_id, room(hall.first), 600, WHY)


# -- lists, evidence, and the hot path ------------------------------------------------------------------


def test_a_list_is_done_whole_as_it_was_shown_or_not_at_all(hall: Hall) -> None:
    one, two, plan_id = hall.house.candidate(), hall.house.candidate(), hall.house.plan_id
    hall.move(one, hall.first, 1)
    hall.move(two, hall.first, 2)
    wishes = [Wish(2, one.person.id, hall.first, 2), Wish(3, two.person.id, hall.first, 1)]
    with hall.house.runtime.read() as uow:
        shown = judge(wishes, queries.room_seats(uow, plan_id), queries.seats_now(uow, plan_id))
    with hall.house.runtime.write() as uow:
        seats.take_list(uow, hall.admin, plan_id, wishes, shown.digest)
    assert (hall.seat(one), hall.seat(two)) == ((hall.first, 2), (hall.first, 1))
    with hall.house.runtime.write() as uow, pytest.raises(Conflict):
        seats.take_list(uow, hall.admin, plan_id, wishes, shown.digest)
    stranger = hall.house.candidate(state=ApplicationState.IN_REVIEW)
    slipped = [Wish(2, stranger.person.id, hall.second, 1)]
    with hall.house.runtime.read() as uow:
        shown = judge(slipped, queries.room_seats(uow, plan_id), queries.seats_now(uow, plan_id))
    with hall.house.runtime.write() as uow, pytest.raises(Conflict):
        seats.take_list(uow, hall.admin, plan_id, slipped, shown.digest)
    hall.holds()


def test_the_evidence_names_the_seats_of_a_sitting_and_those_of_later_do_not_count(
    hall: Hall, clock: ClockControl
) -> None:
    candidate, plan_id = hall.house.candidate(), hall.house.plan_id
    hall.place(hall.first, candidate)
    attempt_id = hall.house.start(candidate)
    clock.advance(60)
    hall.move(candidate, hall.second, 2)
    clock.advance(60)
    hall.house.hand_in(candidate, attempt_id)
    clock.advance(60)
    with hall.house.runtime.write() as uow:
        seats.free(uow, hall.admin, plan_id, candidate.person.id)
    attempt = hall.house.attempt(attempt_id)
    with hall.house.runtime.read() as uow:
        lines = [line for line in evidence_of(uow, attempt) if line.kind is EvidenceKind.SEATED]
        sat = queries.seat_during(uow, attempt)
        tags = [act.tag for act in recent_events(uow, subject_id=plan_id, size=50)[0]]
    assert [(line.count, line.words.split(" · ")[0]) for line in lines] == [
        (1, "第 1 考场"),
        (2, "第 2 考场"),
    ]
    assert sat is not None
    assert (sat.room_name, sat.seat) == ("第 2 考场", 2)
    assert tags.count("exam_seating:move") == tags.count("exam_seating:free") == 1


def test_a_seat_in_a_room_adds_no_statement_to_a_save_or_a_visit(hall: Hall) -> None:
    seated, seatless = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, seated)
    asked = []
    for who in (seatless, seated):
        attempt_id = hall.house.start(who)
        chosen = {hall.house.options(attempt_id, 1)[0]}
        hall.house.save(who, attempt_id, 1, 1, chosen)
        with statements(hall.house.runtime) as seen:
            hall.house.save(who, attempt_id, 1, 2, chosen)
            lease = hall.house.lease(who, attempt_id)
            receive(hall.house.runtime, lease, Visit(), hall.house.runtime.clock.now_ms())
        asked.append(list(seen))
        assert not [one for one in seen if "exam_room" in one or "exam_seating" in one]
    assert len(asked[0]) == len(asked[1])


def test_a_person_keeps_his_number_through_every_change(hall: Hall) -> None:
    first, second = hall.house.candidate(), hall.house.candidate()
    hall.place(hall.first, second)
    with hall.house.runtime.read() as uow:
        number = queries.candidate_number(uow, first.person.id, hall.house.plan_id)
    assert number is not None
    hall.move(first, hall.second)
    with hall.house.runtime.write() as uow:
        seats.free(uow, hall.admin, hall.house.plan_id, first.person.id)
    hall.house.candidate()
    hall.move(first, hall.first)
    with hall.house.runtime.read() as uow:
        assert queries.candidate_number(uow, first.person.id, hall.house.plan_id) == number
        rows = uow.session.scalars(select(Seating.seat).where(Seating.person_id == first.person.id)).all()
    assert len(rows) == 2
