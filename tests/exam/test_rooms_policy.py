"""Rooms and seats as pure rules: order, filling, and what a list of seats may say."""

from datetime import UTC, datetime

import pytest

from lms.exam.policy.conditions import Target, TargetKind, read_target
from lms.exam.policy.rooms import (
    Listed,
    ListRow,
    Placed,
    RoomSeats,
    Wish,
    fill,
    judge,
    read_wishes,
    removal_reasons,
    room_order,
    room_reasons,
    seat_reasons,
    written_number,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
FIRST = RoomSeats("r1", "第 1 考场", 3, frozenset({2}))
SECOND = RoomSeats("r2", "第 2 考场", 2, frozenset())
ANNA, BERT = Listed("p1", "安然", "13900000001", 1), Listed("p2", "白露", "13900000002", 2)


def row(place: int, room: str = "第 1 考场", seat: str = "1", **who: str) -> ListRow:
    return ListRow(place, room, seat, who.get("number", ""), who.get("login", ""), who.get("name", ""))


def codes(reasons: list) -> list[str]:
    return [reason.code for reason in reasons]


def test_room_ten_comes_after_room_two() -> None:
    names = ["第 10 考场", "第 2 考场", "第 1 考场", "备用"]
    assert sorted(names, key=room_order) == ["备用", "第 1 考场", "第 2 考场", "第 10 考场"]


def test_a_room_is_a_target_that_reads_back() -> None:
    target = Target(TargetKind.ROOM, "0123456789abcdef")
    assert read_target(target.write()) == target
    assert (target.room_id, target.organisation_id, target.attempt_id) == ("0123456789abcdef", None, None)
    assert read_target("room:") is None


def test_filling_takes_the_free_seats_in_order_and_leaves_over_who_finds_none() -> None:
    people = ["a", "b", "c", "d", "e", "f"]
    placed = fill([FIRST, SECOND], people)
    assert placed == [Placed("a", "r1", 1), Placed("b", "r1", 3), Placed("c", "r2", 1), Placed("d", "r2", 2)]
    assert fill([FIRST, SECOND], people) == placed
    assert fill([], people) == []


@pytest.mark.parametrize(
    ("name", "place", "seats", "taken", "found"),
    [
        ("第 3 考场", "三楼", 30, 0, []),
        (" ", "", 0, 0, ["room.name", "room.place", "room.seats"]),
        ("第 1 考场 ", "三楼", 501, 0, ["room.name_taken", "room.seats"]),
        ("第 3 考场", "三楼", 4, 5, ["room.seats_taken"]),
        ("第 3 考场", "三楼", 5, 5, []),
    ],
)
def test_a_room_is_refused_with_everything_that_is_wrong(
    name: str, place: str, seats: int, taken: int, found: list[str]
) -> None:
    assert codes(room_reasons(name, place, seats, others=["第 1 考场"], highest_taken=taken)) == found


def test_a_seat_is_in_its_room_and_free() -> None:
    assert [codes(seat_reasons(FIRST, seat)) for seat in (0, 1, 2, 3, 4)] == [
        ["seat.none"], [], ["seat.taken"], [], ["seat.none"],
    ]  # fmt: skip


def test_a_room_is_removed_only_empty_and_while_no_pause_of_it_lasts() -> None:
    assert removal_reasons("一", 0, None) == []
    assert codes(removal_reasons("一", 2, NOON)) == ["room.paused", "room.seated"]


def test_a_list_names_people_by_number_or_login_name() -> None:
    rows = [
        row(2, number="0001", name="安然"),
        row(3, room="第 2 考场", seat="2.0", login="13900000002"),
        row(4, room="", seat="", number="77"),
    ]
    wishes, faults = read_wishes(rows, [FIRST, SECOND], [ANNA, BERT])
    assert wishes == [Wish(2, "p1", "r1", 1), Wish(3, "p2", "r2", 2)]
    assert faults == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (row(9, number="3"), "list.unknown"),
        (row(9, login="13900000009"), "list.unknown"),
        (row(9, name="安然"), "list.nobody"),
        (row(9, number="1", login="13900000002"), "list.two_people"),
        (row(9, number="1", name="白露"), "list.name"),
        (row(9, room="第 9 考场", number="1"), "list.room"),
        (row(9, seat="前排", number="1"), "list.seat"),
        (row(9, seat="", number="1"), "list.seat"),
        (row(9, number="一"), "list.unknown"),
    ],
)
def test_a_row_that_names_nobody_or_no_seat_is_pointed_out(wrong: ListRow, code: str) -> None:
    wishes, faults = read_wishes([wrong], [FIRST, SECOND], [ANNA, BERT])
    assert wishes == []
    assert [(fault.row, fault.reason.code) for fault in faults] == [(9, code)]


def test_two_may_exchange_their_seats_by_one_list() -> None:
    now = {"p1": Placed("p1", "r1", 2), "p2": Placed("p2", "r2", 1)}
    rooms = [FIRST, RoomSeats("r2", "第 2 考场", 2, frozenset({1}))]
    found = judge([Wish(2, "p1", "r2", 1), Wish(3, "p2", "r1", 2)], rooms, now)
    assert found.faults == ()
    assert len(found.moves) == 2
    again = judge([Wish(2, "p1", "r1", 2)], rooms, now)
    assert (again.moves, again.unchanged) == ((), 1)
    assert again.digest != found.digest


def test_a_list_is_judged_as_a_whole() -> None:
    now = {"p9": Placed("p9", "r1", 2)}
    wishes = [
        Wish(2, "p1", "r1", 1), Wish(3, "p1", "r1", 3), Wish(4, "p2", "r1", 1), Wish(5, "p3", "r1", 2),
        Wish(6, "p4", "r1", 4),
    ]  # fmt: skip
    found = judge(wishes, [FIRST], now)
    assert [(fault.row, fault.reason.code) for fault in found.faults] == [
        (3, "list.person_twice"), (4, "list.seat_twice"), (5, "list.taken"), (6, "list.no_seat"),
    ]  # fmt: skip
    assert [move.row for move in found.moves] == [2]


def test_what_a_list_would_do_has_another_name_when_somebody_sits_elsewhere_by_now() -> None:
    wish = [Wish(2, "p1", "r1", 1)]
    here, there = {"p1": Placed("p1", "r1", 3)}, {"p1": Placed("p1", "r2", 3)}
    assert judge(wish, [FIRST], here).digest != judge(wish, [FIRST], there).digest


def test_a_number_is_written_with_four_digits_at_least() -> None:
    assert [written_number(one) for one in (7, 1234, 12345)] == ["0007", "1234", "12345"]
