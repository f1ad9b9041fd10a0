"""What the player page is told: how far one may go, where it starts, what is missing and why nothing counts."""

import re
from collections.abc import Callable
from typing import Any

from lms.core.settings import ROOT
from tests.study.conftest import INTERVAL, Player, StudyHouse, page_data

SCRIPTS = ROOT / "lms" / "app" / "static" / "js"
MakeHouse = Callable[..., StudyHouse]


def opened(player: Player, *, lesson: int | None = None, **asked: str) -> tuple[str, dict[str, Any]]:
    """Open the page as this person; return its text and what its script reads."""
    if lesson is not None:
        asked["lesson"] = player.lesson_ids[lesson]
    page = player.browser.client.get(f"/study/{player.plan.id}", query_string=asked).text
    return page, page_data(page)


def test_an_address_leads_no_further_than_what_was_reached_where_the_first_view_goes_in_order(
    house_with: MakeHouse,
) -> None:
    player = house_with(may_skip_ahead=False).player()
    player.study(3 * INTERVAL)
    assert opened(player, at="600")[1]["startMs"] == 30_000
    page, data = opened(player, at="5")
    assert data["startMs"] == 5_000
    assert (data["maySkip"], data["reached"]) == (False, 30)
    assert "本计划第一次观看要按顺序" in page
    assert opened(player, lesson=1, at="600")[1]["startMs"] == 0


def test_play_is_resumed_where_it_was_credited_not_where_somebody_had_got_to(house_with: MakeHouse) -> None:
    player = house_with(may_skip_ahead=False).player()
    player.study(2 * INTERVAL)
    player.beat(visible=False)
    assert opened(player)[1]["startMs"] == 20_000
    free = house_with(may_skip_ahead=True, course={"lessons": 3}).player()
    free.at_ms = 100_000
    free.beat()
    assert opened(free)[1]["startMs"] == 110_000


def test_no_page_starts_behind_a_question_that_is_not_answered(house_with: MakeHouse) -> None:
    player = house_with(course={"stop_at": 15}).player()
    data = opened(player, at="600")[1]
    assert (data["startMs"], data["question"]["at"]) == (15_000, 15)


def test_the_speeds_of_the_menu_are_those_of_the_plan(house_with: MakeHouse) -> None:
    page, data = opened(house_with(top_speed_percent=150).player())
    assert data["topSpeed"] == 150
    assert page.count("<option value=") == 3
    assert "加速播放时，计入的时间不超过实际经过的时间" in page


def test_at_double_speed_half_of_it_counts_and_the_rest_is_shown_with_its_reason(
    house_with: MakeHouse,
) -> None:
    player = house_with(top_speed_percent=200, may_skip_ahead=False).player()
    for _ in range(3):
        told = player.beat(2 * INTERVAL, wait=INTERVAL)
        assert (told["credit"], told["not_counted"]) == (INTERVAL, "fast")
    data = opened(player)[1]
    assert (data["counted"], data["pending"], data["reached"]) == (0, 30, 50)
    assert data["spans"] == [
        [0, 10, "pending"], [10, 20, "refused"], [20, 30, "pending"], [30, 40, "refused"], [40, 50, "pending"],
        [50, 60, "refused"],
    ]  # fmt: skip
    assert {why for _, _, why in data["whys"]} == {"fast"}
    # At the speed of the clock the gaps are filled, and nothing counts twice.
    for start in (10_000, 30_000, 50_000):
        player.at_ms = start
        assert player.beat()["credit"] == INTERVAL
    assert opened(player)[1]["spans"] == [[0, 60, "pending"]]


def test_a_lesson_with_a_minimum_says_what_it_still_needs_and_is_where_the_missing_is_played(
    house_with: MakeHouse,
) -> None:
    player = house_with(course={"minima": (0, 0, 100)}).player()
    page, data = opened(player)
    assert "还需 1:40" in page
    assert player.lesson_ids[2] in data["missing"]
    assert "missing=1" in data["missing"]
    player.lesson = 2
    player.study(INTERVAL)
    assert "还需 1:30" in opened(player)[0]
    player.study(90)
    page, data = opened(player, lesson=0)
    assert "最短时间已够" in page
    assert player.lesson_ids[1] in data["missing"]


def test_when_the_rest_belongs_to_other_lessons_the_page_leads_there(house_with: MakeHouse) -> None:
    player = house_with(course={"minima": (0, 100)}).player()
    player.study(80)
    page, data = opened(player, lesson=0)
    assert data["full"] == "enough"
    assert "本课计入的时间已经够了" in page
    assert f'href="/study/{player.plan.id}?lesson={player.lesson_ids[1]}"' in page
    assert opened(player, lesson=1)[1]["full"] == ""


def test_when_the_day_is_used_up_the_page_says_when_it_goes_on(house_with: MakeHouse) -> None:
    house = house_with(daily_limit_seconds=60)
    person, _ = house.trainee()
    player = house.player(person)
    player.study(60)
    page, data = opened(player)
    assert data["full"] == "day"
    assert "明天 0:00 起继续计入" in page
    house.clock.advance(24 * 3600)
    assert opened(house.player(person))[1]["full"] == ""


def test_whoever_has_finished_watches_without_limits_or_questions(house_with: MakeHouse) -> None:
    player = house_with(may_skip_ahead=False, course={"stop_at": 600}).player()
    player.study(180)
    data = opened(player, at="700")[1]
    assert (data["counting"], data["startMs"], data["question"]) == (False, 700_000, None)


def test_the_page_asks_for_every_part_of_the_player_at_once(house_with: MakeHouse) -> None:
    page, _ = opened(house_with().player())
    preloaded = set(re.findall(r'rel="modulepreload" href="[^"]*/js/([\w/-]+)\.js', page))
    parts = {f"player/{part.stem}" for part in (SCRIPTS / "player").glob("*.js")}
    assert preloaded == {"player"} | parts


def test_without_its_script_the_page_promises_nothing(house_with: MakeHouse) -> None:
    page, _ = opened(house_with().player())
    assert re.search(r'id="start" hidden>', page)
    assert '<span id="state" role="status"></span>' in page
