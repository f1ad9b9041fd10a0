"""Watching lessons as the player does: a beat each interval, presence checks answered, at stated times.

The beats of an evening go through the journal as one hot write; nothing is credited that the rules of
study do not credit.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from lms.accounts import service as accounts
from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.core.hot_statements import HotConnection
from lms.core.vault import Vault
from lms.courses.queries import QuestionFacts, questions_of
from lms.demo.house import DemoHouse, sign_in
from lms.demo.timeline import Story
from lms.enrolment.queries import approved_application
from lms.plans.policy import PlanFacts
from lms.study import service as study
from lms.study.policy.credit import PRESENCE_GRACE, CloseReason, draw_check
from lms.study.queries import LessonProgress, progress, totals

_AT_ONCE = timedelta(milliseconds=700)
DEVICES = ("电脑 · Edge", "手机 · 微信", "电脑 · Chrome", "平板 · Safari")


@dataclass(frozen=True, slots=True)
class Evening:
    """One evening before the screen: it ends when `until` seconds are counted or pending; `goal` is the last one's."""

    person_id: str
    plan: PlanFacts
    at: datetime
    until: int
    goal: int
    misses_a_check: bool = False
    answers_at_once: bool = False


def watch(house: DemoHouse, evening: Evening, chance: random.Random) -> Story:
    """Sign in, watch, and sign out; a requirement that was reached is reported, as the site does."""
    yield evening.at
    player = _sit_down(house, evening, chance)
    end = evening.at
    if player is not None:
        while _play_on(house, evening, player):
            pass
        end = player.at
        yield end
    with house.write(end) as uow:
        facts = progress(uow, evening.person_id, evening.plan)
        application = approved_application(uow, evening.person_id, evening.plan.id)
        if facts.is_complete and application is not None:
            study.report_complete(uow, Actor.system("study"), application.id)
        elif player is not None:
            study.close_session(uow, player.actor, player.session_id, CloseReason.LOGOUT)
        if player is not None:
            accounts.end_session(uow, player.actor)


@dataclass(slots=True)
class Player:
    """An open player and what it knows of the person's seconds."""

    vault: Vault
    plan: PlanFacts
    actor: Actor
    session_id: str
    nonce: str
    at: datetime
    until: int
    goal: int
    misses_a_check: bool
    answers_at_once: bool
    chance: random.Random
    counted: int
    pending: int
    check_after: int
    """Pending seconds at which the next presence check comes."""
    stretches: list[tuple[str, int, int]]
    """What is not covered yet: lesson, first second, second after the last."""
    questions: list[QuestionFacts]
    """What the lessons still ask, in order."""
    seq: int = 0
    checked: bool = field(default=False)
    """Whether a presence check stands on the screen, unanswered."""

    def play(self, hot: HotConnection) -> None:
        """Send beats until the evening is over, or until a presence check is missed. Runs inside the journal."""
        while self.stretches and self.counted + self.pending < self.until:
            lesson_id, start, end = self.stretches[0]
            seconds = self._beat_seconds(self._stop(hot, lesson_id, start, end) - start)
            self._beat(hot, lesson_id, start, seconds)
            self.stretches[0] = (lesson_id, start + seconds, end)
            if start + seconds == end:
                self.stretches.pop(0)
            if self.checked:
                return

    def _stop(self, hot: HotConnection, lesson_id: str, start: int, end: int) -> int:
        """Answer what the lesson asks before a second; return where it asks again, or the end of the stretch."""
        while (stop := next((one for one in self.questions if one.lesson_id == lesson_id), None)) is not None:
            if stop.asked.at > start:
                return min(end, stop.asked.at)
            self.questions.remove(stop)
            self.at += timedelta(seconds=self.chance.randrange(6, 20))
            right = stop.asked.right
            answer = study.QuestionAnswer(
                self.session_id, stop.id, lesson_id, stop.asked.at, tries=0, chosen=right, is_right=True
            )
            study.answer_question(hot, answer, to_ms(self.at))
        return end

    def _beat_seconds(self, left: int) -> int:
        """Return how long the next beat is, so that the check, which only a whole one raises, comes to the second."""
        interval = self.plan.beat_interval_seconds
        to_check = self.check_after - self.pending
        before_the_last = to_check - interval if interval < to_check < 2 * interval else interval
        return min(interval, left, before_the_last, self.until - self.counted - self.pending)

    def _beat(self, hot: HotConnection, lesson_id: str, start: int, seconds: int) -> None:
        self.seq += 1
        # The network takes its moment; the player waits for nobody.
        self.at += timedelta(seconds=seconds, milliseconds=self.chance.randrange(40))
        beat = study.Beat(
            self.session_id, self.seq, self.nonce, lesson_id, start * 1000, (start + seconds) * 1000,
            playing=True, visible=True,
        )  # fmt: skip
        held = study.take_beat(hot, self.vault, beat, to_ms(self.at))
        reply = json.loads(study.reply(self.vault, self.session_id, held))
        self.nonce, self.counted, self.pending = reply["next"], reply["counted"], reply["pending"]
        if reply["check"]:
            self._meet_check(hot, reply["check"]["id"])

    def _meet_check(self, hot: HotConnection, check_id: str) -> None:
        """Answer a presence check within half a minute, or leave it, as somebody who was called away."""
        if self.misses_a_check:
            self.misses_a_check, self.checked = False, True
            return
        thinking = timedelta(seconds=self.chance.randrange(4, 28))
        self.at += _AT_ONCE if self.answers_at_once else thinking
        bits = self._next_check()
        answer = study.Answer(self.session_id, check_id, tries=0, is_right=True)
        answered = study.answer_check(hot, answer, to_ms(self.at), bits)
        self.counted, self.pending = answered.counted, answered.pending
        self.check_after = draw_check(self.plan.presence_min_seconds, self.plan.presence_max_seconds, bits)

    def _next_check(self) -> int:
        """Return the bits that draw the next check: such that the last one falls on the goal to the second."""
        left = self.goal - self.counted - self.pending
        low, high = self.plan.presence_min_seconds, self.plan.presence_max_seconds
        if left <= 0 or self.goal >= self.plan.required_study_seconds:
            return self.chance.getrandbits(32)
        return max(0, left // -(-left // high) - low)


def _sit_down(house: DemoHouse, evening: Evening, chance: random.Random) -> Player | None:
    """Sign in and open a player, unless the seconds of this evening are there already."""
    with house.read(evening.at) as uow:
        facts = progress(uow, evening.person_id, evening.plan)
        questions = [
            one
            for lesson in facts.lessons
            if lesson.stop_at is not None
            for one in questions_of(uow, lesson_id=lesson.lesson.id)
            if one.asked.at >= lesson.stop_at
        ]
    if facts.counted + facts.pending >= evening.until:
        return None
    with house.write(evening.at) as uow:
        actor = sign_in(uow, evening.person_id)
        opened = study.open_session(uow, actor, evening.plan.id, chance.choice(DEVICES))
        known = totals(uow, evening.person_id, evening.plan.id)
    return Player(
        vault=house.runtime.vault, plan=evening.plan, actor=actor, session_id=opened.session_id,
        nonce=opened.nonce, at=evening.at, until=evening.until, goal=evening.goal,
        misses_a_check=evening.misses_a_check,
        answers_at_once=evening.answers_at_once, chance=chance, counted=opened.counted, pending=opened.pending,
        check_after=known.check_after_seconds if known else 0,
        stretches=[stretch for lesson in facts.lessons for stretch in _uncovered(lesson)],
        questions=questions,
    )  # fmt: skip


def _play_on(house: DemoHouse, evening: Evening, player: Player) -> bool:
    """Play until the evening ends or a check is missed; tell whether there is more to play."""
    house.runtime.journal.submit(player.play)
    if not player.checked:
        return False
    # Nobody answers; what was pending is void, as the sweeper writes it down, and the person comes back.
    player.checked = False
    player.at += timedelta(seconds=evening.plan.presence_answer_seconds + 10) + PRESENCE_GRACE
    presence = (evening.plan.presence_min_seconds, evening.plan.presence_max_seconds)
    house.runtime.journal.submit(
        partial(
            study.void_overdue, person_id=evening.person_id, plan_id=evening.plan.id, presence=presence,
            now=to_ms(player.at),
        )
    )  # fmt: skip
    with house.read(player.at) as uow:
        known = totals(uow, evening.person_id, evening.plan.id)
    if known is not None:
        player.pending, player.check_after = known.pending_seconds, known.check_after_seconds
    return True


def _uncovered(lesson: LessonProgress) -> Iterator[tuple[str, int, int]]:
    at = 0
    for start, end, state in lesson.spans:
        if state == "refused":
            continue
        if start > at:
            yield lesson.lesson.id, at, start
        at = max(at, end)
    if at < lesson.lesson.seconds:
        yield lesson.lesson.id, at, lesson.lesson.seconds
