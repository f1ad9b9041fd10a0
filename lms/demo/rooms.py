"""Where the class that runs now sits its exam: two rooms, their seats, and an invigilator bound to one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from lms.accounts.policy import Role
from lms.demo.classes import BY_KEY
from lms.demo.house import DemoHouse
from lms.demo.timeline import Story
from lms.exam.queries.reach import reach_of
from lms.exam.queries.rooms import RoomLine, rooms_of
from lms.exam.service import rooms, seats

LESSON_CLASS = "current"
BOUND = "invigilator-room"
"""The login name of who watches one room and no other."""


@dataclass(frozen=True, slots=True)
class Hall:
    """A room of the story. Together they are one seat too small, so that somebody waits for one."""

    name: str
    place: str
    seat_count: int
    invigilator: str = ""


HALLS = (
    Hall("第 1 考场", "云浦电力技能评价中心实训楼 301", 8),
    Hall("第 2 考场", "云浦电力技能评价中心实训楼 302", 6, BOUND),
)
_MADE_ON, _FILLED_ON = 4, 13
"""Days of the class: the rooms are there before the first exam, and those who came later got their seats then."""


def arranged(house: DemoHouse) -> Story:
    """Make the rooms before the first exam, seat who is in the class by then, and later those who came since."""
    first_day = BY_KEY[LESSON_CLASS].first_day(house.today)
    at = house.moment(first_day + timedelta(days=_MADE_ON), time(8, 50))
    yield at
    plan_id = house.plans[LESSON_CLASS].id
    with house.write(at) as uow:
        exam = house.member(uow, "exam")
        present = _by_name(rooms_of(uow, reach_of(uow, exam, plan_id, Role.EXAM_ADMIN)))
        for hall in HALLS:
            if hall.name not in present:
                rooms.make_room(uow, exam, plan_id, hall.name, hall.place, hall.seat_count)
        seats.fill_rooms(uow, exam, plan_id)
    at = house.moment(first_day + timedelta(days=_FILLED_ON), time(16, 30))
    yield at
    with house.write(at) as uow:
        exam = house.member(uow, "exam")
        seats.fill_rooms(uow, exam, plan_id)
        present = _by_name(rooms_of(uow, reach_of(uow, exam, plan_id, Role.EXAM_ADMIN)))
        for hall in HALLS:
            watched_by = house.staff.get(hall.invigilator)
            room = present[hall.name]
            if watched_by is not None and watched_by not in dict(room.invigilators):
                rooms.bind(uow, exam, plan_id, room.id, watched_by)


def _by_name(lines: list[RoomLine]) -> Mapping[str, RoomLine]:
    return {line.name: line for line in lines}
