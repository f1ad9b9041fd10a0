"""Exam rooms and seats: how rooms are made and filled, and what a list of seats must say.

A seat says where somebody sits. It opens nothing and starts nothing: who may sit is decided elsewhere.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.core.errors import N_, NN_, Reason

NAME_MAX = 40
PLACE_MAX = 80
SEATS_MOST = 500
ROOMS_MOST = 200
LIST_ROWS_MOST = 2000
"""More rows than this are no list of seats; it is read into the memory of one request."""
LIST_BYTES_MAX = 2 * 1024 * 1024
NUMBER_DIGITS = 4
_DIGITS = re.compile(r"(\d+)")
_WHOLE = re.compile(r"0*(\d{1,6})(?:\.0+)?")


@dataclass(frozen=True, slots=True)
class RoomSeats:
    """A room with the seats somebody sits on."""

    id: str
    name: str
    seat_count: int
    taken: frozenset[int]

    @property
    def free(self) -> list[int]:
        """The numbers of the free seats, the lowest first."""
        return [seat for seat in range(1, self.seat_count + 1) if seat not in self.taken]


@dataclass(frozen=True, slots=True)
class Placed:
    """Somebody's seat: now, as it is wished for, or as it was."""

    person_id: str
    room_id: str
    seat: int


def room_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return what rooms are sorted by, so that room 10 comes after room 2."""
    return tuple(
        (0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in _DIGITS.split(name) if piece
    )


def written_number(number: int) -> str:
    """Write a candidate's number as it stands on lists: `0012`."""
    return f"{number:0{NUMBER_DIGITS}d}"


def room_reasons(
    name: str, place: str, seats: int, *, others: Iterable[str], highest_taken: int = 0
) -> list[Reason]:
    """Say why a room cannot be made, or changed, like this. `others` are the names of the plan's other rooms."""
    reasons = []
    if not 1 <= len(name.strip()) <= NAME_MAX:
        reasons.append(_length("room.name", N_("考场名称要有 1 至 %(most)s 个字"), name, NAME_MAX, "name"))
    elif name.strip() in set(others):
        reasons.append(
            Reason(
                "room.name_taken", N_("一个计划里的考场不能重名"), now=N_("已有考场“%(name)s”"),
                way_out=N_("请换一个名称"), source="6", field_name="name", params={"name": name.strip()},
            )
        )  # fmt: skip
    if not 1 <= len(place.strip()) <= PLACE_MAX:
        reasons.append(_length("room.place", N_("地点要有 1 至 %(most)s 个字"), place, PLACE_MAX, "place"))
    if not 1 <= seats <= SEATS_MOST:
        reasons.append(
            Reason(
                "room.seats", N_("一个考场有 1 至 %(most)s 个座位"), now=NN_("您填写的是 %(count)s 个", "count"),
                way_out=N_("请改填座位数，或分成几个考场"), source="6", field_name="seat_count",
                params={"most": SEATS_MOST, "count": seats},
            )
        )  # fmt: skip
    elif seats < highest_taken:
        reasons.append(
            Reason(
                "room.seats_taken", N_("座位数不能小于已安排的座位号"), now=N_("%(seat)s 号座位上有人"),
                way_out=N_("请先给这些考生换座位"), source="6", field_name="seat_count",
                params={"seat": highest_taken},
            )
        )  # fmt: skip
    return reasons


def more_rooms_reasons(count: int) -> list[Reason]:
    """Say why a plan cannot have one more room."""
    if count < ROOMS_MOST:
        return []
    return [
        Reason(
            "room.many", N_("一个计划最多 %(most)s 个考场"), now=NN_("已有 %(count)s 个考场", "count"),
            way_out=N_("请加大考场的座位数，或删除空考场"), source="6",
            params={"most": ROOMS_MOST, "count": count},
        )
    ]  # fmt: skip


def removal_reasons(name: str, seated: int, paused_until: datetime | None) -> list[Reason]:
    """Say why a room cannot be removed: people sit in it, or a pause of it still runs."""
    reasons = []
    if paused_until is not None:
        reasons.append(
            Reason(
                "room.paused", N_("考场暂停期间不能删除"), now=N_("“%(name)s”正在暂停，最晚 %(until)s 继续"),
                way_out=N_("请先在监考页让考试继续"), source="6", params={"name": name, "until": paused_until},
            )
        )  # fmt: skip
    if seated:
        reasons.append(
            Reason(
                "room.seated", N_("只能删除空考场"), now=NN_("“%(name)s”里安排了 %(count)s 人", "count"),
                way_out=N_("请先给他们换座位，或取消他们的座位"), source="6",
                params={"name": name, "count": seated},
            )
        )  # fmt: skip
    return reasons


def seat_reasons(room: RoomSeats, seat: int) -> list[Reason]:
    """Say why a seat of a room cannot be given."""
    if not 1 <= seat <= room.seat_count:
        return [
            Reason(
                "seat.none", N_("座位号从 1 到 %(most)s"), now=N_("“%(room)s”没有 %(seat)s 号座位"),
                way_out=N_("请改填座位号"), source="6", field_name="seat",
                params={"room": room.name, "seat": seat, "most": room.seat_count},
            )
        ]  # fmt: skip
    if seat in room.taken:
        return [
            Reason(
                "seat.taken", N_("一个座位只坐一个人"), now=N_("“%(room)s”的 %(seat)s 号座位上已有人"),
                way_out=N_("请选空座位，或先给那名考生换座位"), source="6", field_name="seat",
                params={"room": room.name, "seat": seat},
            )
        ]  # fmt: skip
    return []


def room_reasons_for(room: RoomSeats, wanted: int) -> list[Reason]:
    """Say why so many more people do not fit into a room."""
    free = len(room.free)
    if wanted <= free:
        return []
    return [
        Reason(
            "room.full", N_("考场坐满了就不能再安排"),
            now=N_("“%(room)s”还有 %(free)s 个空座位，您选了 %(count)s 人"),
            way_out=N_("请少选几人，或安排到别的考场"), source="6", field_name="people",
            params={"room": room.name, "free": free, "count": wanted},
        )
    ]  # fmt: skip


def not_admitted() -> Reason:
    """Return the reason that keeps somebody who is not among a plan's candidates from getting a seat."""
    return Reason(
        "seat.not_admitted", N_("只给本计划报名通过、要参加考试的考生安排座位"),
        now=N_("所选的人里有人不在这场考试的名单上"), way_out=N_("请刷新页面后重新选择"), source="6",
        field_name="people",
    )  # fmt: skip


def has_seat() -> Reason:
    """Return the reason that keeps somebody from getting a second seat."""
    return Reason(
        "seat.has_one", N_("一名考生在一个计划里只有一个座位"), now=N_("所选的人里有人已有座位"),
        way_out=N_("请在他的座位上选“换座位”"), source="6", field_name="people",
    )  # fmt: skip


def fill(rooms: Sequence[RoomSeats], people: Sequence[str]) -> list[Placed]:
    """Give people the free seats: room after room, seat after seat, in the order in which both are given.

    The same people and rooms give the same seats. Whoever finds no seat is not in the answer.
    """
    free = ((room.id, seat) for room in rooms for seat in room.free)
    return [
        Placed(person_id, room_id, seat) for person_id, (room_id, seat) in zip(people, free, strict=False)
    ]


# -- a list of seats from a file ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list as it was read; `row` counts from 1 as the spreadsheet does."""

    row: int
    room: str
    seat: str
    number: str
    login_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A candidate as a list may name him."""

    person_id: str
    name: str
    login_name: str
    number: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A seat for somebody, and the row that wants it."""

    row: int
    person_id: str
    room_id: str
    seat: int

    @property
    def placed(self) -> Placed:
        """The seat that is wanted."""
        return Placed(self.person_id, self.room_id, self.seat)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row."""

    row: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Judged:
    """What a list would do: who sits down anew or elsewhere, how many stay, and what is wrong."""

    moves: tuple[Wish, ...]
    unchanged: int
    faults: tuple[RowFault, ...]
    digest: str
    """Names the moves and where everybody they touch sits now: what was shown is what is done."""


def read_wishes(
    rows: Iterable[ListRow], rooms: Iterable[RoomSeats], people: Iterable[Listed]
) -> tuple[list[Wish], list[RowFault]]:
    """Find the rooms and people that the rows of a list name; a row without room and seat changes nothing.

    A candidate is named by his number in the plan or by his login name, either of which belongs to one person alone;
    a name beside it must be his. Names and ends of ID numbers alone name nobody: two people may share them.
    """
    by_room = {room.name: room for room in rooms}
    known = list(people)
    by_number = {one.number: one for one in known}
    by_login = {one.login_name: one for one in known}
    wishes, faults = [], []
    for row in rows:
        if not row.room and not row.seat:
            continue
        person, reason = _person(row, by_number, by_login)
        room = by_room.get(row.room)
        seat = _whole(row.seat)
        if reason is None and room is None:
            reason = _row_reason(
                "list.room", N_("没有考场“%(value)s”"), row.room, N_("请先建这个考场，或改好名称")
            )
        if reason is None and seat is None:
            reason = _row_reason(
                "list.seat", N_("座位号写的是“%(value)s”"), row.seat, N_("请填写数字，例如 12")
            )
        if reason is not None:
            faults.append(RowFault(row.row, reason))
        elif person is not None and room is not None and seat is not None:
            wishes.append(Wish(row.row, person.person_id, room.id, seat))
    return wishes, faults


def judge(wishes: Sequence[Wish], rooms: Sequence[RoomSeats], now: Mapping[str, Placed]) -> Judged:
    """Say what wishes would do, and which of them cannot be fulfilled. `now` holds the seat of each who has one.

    All are judged together: a seat counts as free when whoever sits on it gets another one by the same list.
    """
    by_id = {room.id: room for room in rooms}
    moving = {wish.person_id for wish in wishes if now.get(wish.person_id) != wish.placed}
    staying = {(one.room_id, one.seat) for one in now.values() if one.person_id not in moving}
    people: dict[str, int] = {}
    seats: dict[tuple[str, int], int] = {}
    faults, moves = [], []
    for wish in wishes:
        room, place = by_id.get(wish.room_id), (wish.room_id, wish.seat)
        if room is None or not 1 <= wish.seat <= room.seat_count:
            most = room.seat_count if room else 0
            reason: Reason | None = _row_reason(
                "list.no_seat", N_("没有 %(value)s 号座位"), str(wish.seat), N_("这个考场的座位号从 1 到 %(most)s"),
                most=most,
            )  # fmt: skip
        elif wish.person_id in people:
            reason = _twice(
                "list.person_twice", N_("第 %(value)s 行已安排过同一名考生"), people[wish.person_id]
            )
        elif place in seats:
            reason = _twice("list.seat_twice", N_("第 %(value)s 行已用了同一个座位"), seats[place])
        elif wish.person_id in moving and place in staying:
            reason = _row_reason(
                "list.taken", N_("%(value)s 号座位上已有人"), str(wish.seat),
                N_("请选空座位，或在表里给那名考生另写一个座位"),
            )  # fmt: skip
        else:
            reason = None
        people.setdefault(wish.person_id, wish.row)
        seats.setdefault(place, wish.row)
        if reason is not None:
            faults.append(RowFault(wish.row, reason))
        elif wish.person_id in moving:
            moves.append(wish)
    touched = [now[wish.person_id] for wish in moves if wish.person_id in now]
    told = "\n".join(
        f"{one.person_id} {one.room_id} {one.seat}" for one in [*(wish.placed for wish in moves), *touched]
    )
    unchanged = len(wishes) - len(moves) - len(faults)
    return Judged(tuple(moves), unchanged, tuple(faults), hashlib.sha256(told.encode()).hexdigest()[:32])


def _person(
    row: ListRow, by_number: Mapping[int, Listed], by_login: Mapping[str, Listed]
) -> tuple[Listed | None, Reason | None]:
    if not row.number and not row.login_name:
        return None, _row_reason(
            "list.nobody",
            N_("没有写明是哪名考生"),
            "",
            N_("请填写考生号或登录名，姓名和证件号末几位可能重复"),
        )
    number = _whole(row.number)
    found = by_number.get(number or 0) if row.number else by_login.get(row.login_name)
    named = row.number or row.login_name
    if found is None:
        return None, _row_reason(
            "list.unknown", N_("“%(value)s”不在这场考试的名单上"), named, N_("请核对考生号或登录名")
        )
    if row.number and row.login_name and found.login_name != row.login_name:
        return None, _row_reason(
            "list.two_people", N_("考生号和登录名“%(value)s”不是同一个人"), row.login_name,
            N_("请核对，或只填其中一项"),
        )  # fmt: skip
    if row.name and row.name != found.name:
        return None, _row_reason(
            "list.name", N_("考生“%(value)s”的姓名和名单上的不一致"), named, N_("请核对考生号和姓名")
        )
    return found, None


def _whole(written: str) -> int | None:
    """Read a whole number as spreadsheets write it: `12`, `0012`, `12.0`."""
    found = _WHOLE.fullmatch(written.strip())
    return int(found[1]) if found else None


def _row_reason(code: str, now: str, value: str, way_out: str, **more: int) -> Reason:
    return Reason(
        code, N_("每行写明考场、座位和一名考生"), now=now, way_out=way_out, source="6",
        params={"value": value, **more},
    )  # fmt: skip


def _twice(code: str, now: str, row: int) -> Reason:
    return _row_reason(code, now, str(row), N_("请删去其中一行"))


def _length(code: str, rule: str, text: str, most: int, field_name: str) -> Reason:
    return Reason(
        code, rule, now=NN_("您写了 %(length)s 个字", "length"), way_out=N_("请改好这一项"), source="6",
        field_name=field_name, params={"most": most, "length": len(text.strip())},
    )  # fmt: skip
