"""A program with perfect beats that answers every presence check by chance, in virtual time (class A8)."""

import random

from lms.study.policy.credit import LETTERS, PRESENCE_OPTIONS, tries_allowed
from tests.drills.ground import Course
from tests.drills.tabs import BEAT, PRESENCE
from tests.drills.verdicts import Guesses
from tests.drills.virtual_house import VirtualHouse
from tests.support.browser import Browser


def chance(*, after_void: bool) -> float:
    """Return how likely guesses get a window counted."""
    return float(1 - (1 - 1 / PRESENCE_OPTIONS) ** tries_allowed(after_void=after_void))


def guess(house: VirtualHouse, browser: Browser, course: Course, windows: int, seed: int = 0) -> Guesses:
    """Let so many windows be decided by guesses."""
    luck = random.Random(seed)
    told = browser.post_json(f"/study/{course.plan_id}/sessions", {}).get_json()
    lease = told["lease"]
    at_ms, lesson, counted, decided = 0, 0, 0, 0
    chances = [chance(after_void=False)]
    while decided < windows:
        if told.get("check"):
            answer = {
                "lease": lease, "check_id": told["check"]["id"], "try": told["check"]["try"],
                "choice": luck.choice(LETTERS[:PRESENCE_OPTIONS]),
            }  # fmt: skip
            said = browser.post_json(PRESENCE, answer).get_json()
            told["check"] = said["check"]
            decided += said["verdict"] != "try_again"
            counted += said["verdict"] == "counted"
            if said["verdict"] != "try_again":
                chances.append(chance(after_void=said["verdict"] == "void"))
            continue
        step = course.interval * 1000
        house.clock.advance_ms(step)
        if at_ms + step > course.lesson_ms:
            at_ms, lesson = 0, (lesson + 1) % len(course.lessons)
        body = {
            "lease": lease, "seq": told["seq"] + 1, "nonce": told["next"], "lesson_id": course.lessons[lesson],
            "from_ms": at_ms, "to_ms": at_ms + step, "playing": True, "visible": True,
        }  # fmt: skip
        reply = browser.post_json(BEAT, body)
        assert reply.status_code == 200, reply.text
        told = reply.get_json()
        at_ms += step
    return Guesses(windows, counted, sum(chances[:windows]) / windows)
