"""What a plan or a lesson asks beside the total: order of the first view, a daily limit, minimum times, stops."""

from collections.abc import Callable

from tests.study.conftest import INTERVAL, Player, StudyHouse

MakeHouse = Callable[..., StudyHouse]
DAY = 24 * 3600


def _reach_check(player: Player) -> None:
    while not player.last.get("check"):
        player.beat()


def _fail_check(player: Player) -> None:
    for _ in range(2):
        told = player.answer(right=False).get_json()
    player.last |= {"counted": told["counted"], "pending": told["pending"], "check": None}


def test_a_part_beyond_what_was_played_does_not_count_where_the_first_view_goes_in_order(
    house_with: MakeHouse,
) -> None:
    player = house_with(may_skip_ahead=False).player()
    player.beat()
    player.at_ms = 600_000
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (0, "skipped")
    player.at_ms = 10_000
    assert player.beat()["credit"] == INTERVAL
    player.at_ms = 0
    assert player.beat()["not_counted"] == ""  # back is always free; it only earns nothing new


def test_where_the_plan_allows_it_any_part_may_be_played_first(house_with: MakeHouse) -> None:
    player = house_with(may_skip_ahead=True).player()
    player.at_ms = 600_000
    assert player.beat()["credit"] == INTERVAL


def test_who_missed_a_check_may_go_on_where_the_video_stood(house_with: MakeHouse) -> None:
    player = house_with(may_skip_ahead=False).player()
    _reach_check(player)
    _fail_check(player)
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (INTERVAL, "")


def test_no_more_than_the_daily_limit_counts_on_one_day(house_with: MakeHouse) -> None:
    house = house_with(daily_limit_seconds=50)
    person, _ = house.trainee()
    player = house.player(person)
    player.study(50)
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (0, "day")
    house.clock.advance(DAY)
    again = house.player(person)
    again.at_ms = 50_000
    assert again.beat()["credit"] == INTERVAL


def test_what_a_missed_check_voids_does_not_use_up_the_day(house_with: MakeHouse) -> None:
    house = house_with(daily_limit_seconds=80)
    person, _ = house.trainee()
    player = house.player(person)
    _reach_check(player)
    assert house.counted(person.id) == (0, 60)
    _fail_check(player)
    player.at_ms = 0
    player.study(80)
    assert sum(house.counted(person.id)) == 80
    assert player.beat()["not_counted"] == "day"


def test_what_other_lessons_still_need_cannot_be_used_up_in_one(house_with: MakeHouse) -> None:
    house = house_with(course={"minima": (0, 100)})
    person, _ = house.trainee()
    player = house.player(person)
    player.study(80)
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (0, "enough")
    player.lesson, player.at_ms = 1, 0
    player.study(100)
    assert house.counted(person.id) == (180, 0)


def test_a_minimum_that_was_voided_is_needed_again(house_with: MakeHouse) -> None:
    house = house_with(course={"minima": (100,)})
    person, _ = house.trainee()
    player = house.player(person)
    _reach_check(player)
    _fail_check(player)
    player.lesson, player.at_ms = 1, 0
    player.study(80)
    assert player.beat()["not_counted"] == "enough"


def test_nothing_after_an_unanswered_question_counts(house_with: MakeHouse) -> None:
    player = house_with(course={"stop_at": 15}).player()
    assert player.beat()["credit"] == INTERVAL
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (5, "question")
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (0, "question")
