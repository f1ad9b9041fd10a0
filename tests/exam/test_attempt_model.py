"""Whatever candidates, staff, sweepers and restarts do to an exam, in whatever order: each reply is what it must be.

A machine of rules sends requests through the whole application, hot lane and all, with nothing patched. Beside it
runs an oracle that knows neither the database nor the house's rules; every status, code, revision, remaining time,
score and count of attempts is compared with it, and at the end of each run `lms check-invariants` finds nothing.
`LMS_TEST_DEPTH=50` makes fifty times as many runs: more than ten thousand steps, for as long as they take.
"""

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.app.handlers import HANDLERS
from lms.app.invariants import ALL_INVARIANTS
from lms.core.invariants import check
from lms.core.jobs import perform
from lms.core.outbox import OutboxJob
from lms.exam.jobs import attempts as jobs
from lms.exam.jobs import papers as paper_jobs
from tests.exam import attempt_oracle as own
from tests.exam.attempt_oracle import HOUR, MINUTE, SECOND, Examinee, Login, Measure, Oracle, Said, Sitting
from tests.exam.attempt_town import (
    PLACES,
    WRITTEN,
    PostgresqlStore,
    SqliteStore,
    Town,
    Visitor,
    read_page,
    read_sheet,
)

DEPTH = int(os.environ.get("LMS_TEST_DEPTH", "1"))
RUNS, STEPS = 5 * DEPTH, 50
SEARCH = (Phase.explicit, Phase.reuse, Phase.generate)
"""Looking for a shorter story takes minutes, longer than a test may take: only a deep run does it."""
WHY = "考点停电，按应急预案处理"
A_CANDIDATE = st.integers(0, len(PLACES) - 1)
A_DEVICE = st.sampled_from([0, 0, 0, 1])
AN_ADMIN = st.sampled_from([0, 1])
STAFF = st.sampled_from([0, 1, 2])
INVIGILATOR = 2
A_QUESTION = st.sampled_from([1, 2, 4, 5, 6, 8, 9, 9, 10, 0])
A_TARGET = st.sampled_from(["everyone", "here", "there", 0, 1, 2])
A_LEASE = st.sampled_from([0, 0, 0, 0, 1, 2, 3])
"""The newest proof of a candidate, or an older one."""
SCORE = re.compile(r'<p class="score[^"]*">(?:<span[^>]*>)?([\d.]+)')


class AttemptMachine(RuleBasedStateMachine):
    """Three candidates with two devices each, two administrators and an invigilator, in one plan's exam."""

    town: ClassVar[Town]
    steps: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.town.begin()
        self.oracle = Oracle(PLACES)
        self.devices: list[list[tuple[Visitor, Login | None]]] = [
            [(self.town.visitor(), None) for _ in range(2)] for _ in PLACES
        ]
        self.desks: list[tuple[Visitor, Login | None]] = [
            (self.town.visitor(), None) for _ in self.town.staff
        ]
        self.leases: list[list[tuple[str, own.Lease]]] = [[] for _ in PLACES]
        self.ids: dict[Sitting, str] = {}
        self.pauses: list[tuple[str, Measure]] = []
        self.extras: list[tuple[str, Examinee]] = []

    # ---- candidates

    @initialize(early=st.booleans(), who=A_CANDIDATE)
    def begin(self, early: bool, who: int) -> None:
        """Stand before the door, or begin at once, so that every run has something to lose."""
        if early:
            self.town.set_clock(own.OPENS - 2 * SECOND)
        self._sign_in(who, 0)
        self._start(who, 0)

    @rule(who=A_CANDIDATE, device=A_DEVICE)
    def start(self, who: int, device: int) -> None:
        """Ask for the start as a script does."""
        self._sign_in(who, device)
        self._start(who, device)

    @rule(who=A_CANDIDATE, device=A_DEVICE, fresh=st.booleans())
    def start_by_form(self, who: int, device: int, fresh: bool) -> None:
        """Press the button of the page, and look at the page it leads to."""
        if fresh:
            self._sign_in(who, device)
        visitor, login = self.devices[who][device]
        reply = visitor.post(f"/exam/{self.town.plan_id}/start")
        if not self._is_in(login):
            assert reply.status_code in {400, 401}
            return
        person = self.oracle.people[who]
        known = len(person.sittings)
        found = self.oracle.start(person, login, self.town.now)
        if isinstance(found, list):
            self._expect(reply, own.NO)
            return
        assert reply.status_code == 303, reply.text
        attempt_id = reply.location.rpartition("/")[2]
        if len(person.sittings) > known:
            self.ids[found] = attempt_id
            self._start(who, device)  # only the other way in tells the questions as data
        assert self.ids[found] == attempt_id

    @rule(
        who=A_CANDIDATE, which=A_LEASE, place=A_QUESTION,
        how=st.sampled_from(["next"] * 6 + ["same", "older", "ahead"]),
        what=st.sampled_from(["right"] * 4 + ["part", "wrong", "nothing", "too many", "foreign", "other kind", "long"]),
    )  # fmt: skip
    def save(self, who: int, which: int, place: int, how: str, what: str) -> None:
        """Save an answer: in order, out of order, again, with an old proof."""
        self._save(who, which, place, how, what)

    @rule(
        who=A_CANDIDATE, wrong=st.sets(st.integers(1, 9), max_size=3), what=st.sampled_from(["wrong", "part"])
    )
    def answer_the_sheet(self, who: int, wrong: set[int], what: str) -> None:
        """Work through the whole paper, mostly rightly."""
        for place in range(1, 10):
            self._save(who, 0, place, "next", what if place in wrong else "right")

    @rule(who=A_CANDIDATE, which=A_LEASE, place=A_QUESTION, step=st.integers(-1, 3), marked=st.booleans())
    def mark(self, who: int, which: int, place: int, step: int, marked: bool) -> None:
        """Mark a question for another look, or take the mark away."""
        text, lease = self._lease(who, which)
        revision = (lease[0].marks.get(place, (0, False))[0] if lease else 0) + step
        reply = self._tell(text, "/api/v1/exam/mark", position=place, revision=revision, marked=marked)
        self._expect(reply, self.oracle.mark(lease, place, revision, self.town.now, marked=marked))

    @rule(who=A_CANDIDATE, which=A_LEASE, reads=st.booleans(), away=st.booleans())
    def visit(self, who: int, which: int, reads: bool, away: bool) -> None:
        """Ask how things stand, as the page does every few seconds; perhaps confirm what was read."""
        text, lease = self._lease(who, which)
        said = {"away": [[1, 4000, 3]]} if away else {}
        reply = self._tell(text, "/api/v1/exam/visit", **said)
        self._expect(reply, self.oracle.visit(lease, 0, self.town.now))
        if lease is None or lease[1].is_revoked:
            return
        notices = reply.get_json().get("notices", [])
        assert len(notices) == lease[0].unread
        if reads and notices:
            seen = [one["id"] for one in notices[:20]]
            reply = self._tell(text, "/api/v1/exam/visit", read=seen)
            self._expect(reply, self.oracle.visit(lease, len(seen), self.town.now))
            assert len(reply.get_json().get("notices", [])) == lease[0].unread

    @rule(who=A_CANDIDATE, device=A_DEVICE, other=A_CANDIDATE)
    def ask_the_clock(self, who: int, device: int, other: int) -> None:
        """Ask for the remaining time, of one's own exam or of somebody else's."""
        sitting = self._last(other)
        if sitting is None:
            return
        visitor, login = self.devices[who][device]
        reply = visitor.get(f"/api/v1/exam/attempts/{self.ids[sitting]}/clock")
        now = self.town.now
        if not self._is_in(login):
            self._expect(reply, Said(401, "sign_in_needed"))
        elif who != other:
            self._expect(reply, Said(404, "not_found"))
        else:
            told = {
                "open": sitting.is_open(now), "held": sitting.holder is login, "remaining_ms": sitting.remaining(now),
                "server_ms": now,
            }  # fmt: skip
            self._expect(reply, Said(200, told=told))

    @rule(who=A_CANDIDATE, device=A_DEVICE)
    def ask_at_the_door(self, who: int, device: int) -> None:
        """Ask when the exam opens, whether one may start, and how much time that would give."""
        visitor, login = self.devices[who][device]
        reply = visitor.get(f"/api/v1/exam/plans/{self.town.plan_id}/door")
        if not self._is_in(login):
            self._expect(reply, Said(401, "sign_in_needed"))
            return
        person, now = self.oracle.people[who], self.town.now
        reasons = self.oracle.why_not_start(person, now)
        granted, extension = self.oracle.terms(person)
        begins = max(now, own.OPENS)
        until = min(begins + (own.DURATION + granted) * SECOND, own.ENDS + extension * SECOND)
        told = {
            "may_start": not reasons, "reasons": reasons, "opens_in_ms": max(0, own.OPENS - now),
            "closes_in_ms": max(0, own.ENDS + extension * SECOND - now),
            "given_seconds": max(0, (until - begins) // SECOND),
        }  # fmt: skip
        self._expect(reply, Said(200, told=told))

    @rule(who=A_CANDIDATE, device=A_DEVICE)
    def reload(self, who: int, device: int) -> None:
        """Load the page of the exam anew: what was acknowledged is on it."""
        sitting = self._last(who)
        if sitting is None:
            return
        visitor, login = self.devices[who][device]
        reply = visitor.get(f"/exam/attempts/{self.ids[sitting]}")
        now = self.town.now
        if not self._is_in(login):
            assert "/sign-in" in reply.location
        elif not sitting.is_open(now):
            assert reply.location.endswith("/result"), reply.location
        elif sitting.holder is not login:
            assert "在这台设备上继续作答" in reply.text
        elif sitting.is_paused(now):
            assert "考试已暂停" in reply.text
            assert "填空第" not in reply.text
        else:
            page = read_page(reply.text)
            places = range(1, 10)
            assert page.remaining_ms == sitting.remaining(now)
            assert page.revisions == {place: sitting.newest(place)[0] for place in places}
            assert page.answers == {place: sitting.newest(place)[1] for place in places}
            assert page.marks == {place: sitting.marks.get(place, (0, False)) for place in places}
            self.leases[who].append((page.lease, (sitting, login)))

    @rule(who=A_CANDIDATE, device=A_DEVICE, fresh=st.sampled_from([True, True, False]))
    def take_over(self, who: int, device: int, fresh: bool) -> None:
        """Go on in another login session."""
        sitting = self._last(who)
        if sitting is None:
            return
        if fresh:
            self._sign_in(who, device)
        visitor, login = self.devices[who][device]
        reply = visitor.post(f"/exam/attempts/{self.ids[sitting]}/take-over")
        if not self._is_in(login):
            assert reply.status_code in {400, 401}
            return
        self._expect(reply, self.oracle.take_over(sitting, login, self.town.now))
        if reply.status_code == 303:
            self.reload(who, device)

    @rule(who=A_CANDIDATE, device=A_DEVICE)
    def sign_out(self, who: int, device: int) -> None:
        """Sign out: the proofs of this login session are worthless from now on."""
        visitor, login = self.devices[who][device]
        reply = visitor.post("/sign-out")
        if self._is_in(login):
            assert reply.status_code == 302
            login.is_revoked = True
            visitor.get("/sign-in")
        else:
            assert reply.status_code in {400, 401}

    @rule(who=A_CANDIDATE, which=A_LEASE, times=st.sampled_from([1, 1, 2]))
    def submit(self, who: int, which: int, times: int) -> None:
        """Hand in, perhaps twice: the second reply is the first one."""
        text, lease = self._lease(who, which)
        for _ in range(times):
            reply = self._tell(text, "/api/v1/exam/submit")
            self._expect(reply, self.oracle.submit(lease, self.town.now))

    @precondition(lambda self: any(self.leases))
    @rule(
        who=A_CANDIDATE, which=A_LEASE, finish=st.booleans(), lags=st.booleans(),
        changes=st.dictionaries(st.integers(1, 9), st.sampled_from(["right", "wrong", "nothing", "foreign"])),
    )  # fmt: skip
    def send_sheet(self, who: int, which: int, finish: bool, lags: bool, changes: Mapping[int, str]) -> None:
        """Send the whole sheet as a page without scripts does; perhaps one that was loaded long ago."""
        if not self.leases[who]:
            return
        text, lease = self._lease(who, which)
        sitting = lease[0] if lease else self.leases[who][0][1][0]
        visitor = self.devices[who][0][0]
        form: dict[str, Any] = {"lease": text, "action": "hand_in" if finish else "save"}
        answers = {}
        for place, question in enumerate(sitting.sheet, 1):
            revision, answer = sitting.newest(place)
            known = 0 if lags else revision
            if place in changes:
                answer = self._answer(sitting, place, changes[place])
            form[f"r{place}"] = str(known)
            form[f"w{place}" if question.type == "fill_in" else f"q{place}"] = (
                "".join(answer) if question.type == "fill_in" else sorted(answer)
            )
            answers[place] = (known, answer)
        reply = visitor.post(f"/exam/attempts/{self.ids[sitting]}/hand-in", form)
        said, leads = self.oracle.send_sheet(lease, answers, self.town.now, finish=finish)
        self._expect(reply, said)
        if leads:
            assert reply.location.endswith(leads)
        self._note_seen(who, reply)

    @rule(who=A_CANDIDATE)
    def look_at_the_result(self, who: int) -> None:
        """Look at the score, and at how many attempts are left."""
        for sitting in self.oracle.people[who].sittings:
            self._see_result(who, sitting)

    # ---- the house and time

    @rule(
        how=st.sampled_from(
            [SECOND, 5 * SECOND, 40 * SECOND, 5 * MINUTE, 11 * MINUTE, 25 * MINUTE, 31 * MINUTE, 50 * MINUTE]
        )
    )
    def wait(self, how: int) -> None:
        """Let time pass."""
        self.town.set_clock(self.town.now + how)

    @rule(
        who=A_CANDIDATE, edge=st.sampled_from(["deadline", "deadline", "grace", "swept", "pause", "window", "idle"]),
        beside=st.sampled_from([-SECOND, -1, 0, 1, SECOND]),
    )  # fmt: skip
    def wait_for(self, who: int, edge: str, beside: int) -> None:
        """Let time pass up to where something changes: the next request arrives just then, or a moment beside it."""
        sitting = self.oracle.people[who].running()
        login = self.devices[who][0][1]
        moment = own.ENDS
        if edge == "idle" and login is not None:
            moment = login.seen + own.IDLE
        elif sitting is not None and edge != "window":
            moment = {
                "deadline": sitting.deadline, "grace": sitting.deadline + own.GRACE,
                "swept": sitting.deadline + own.SWEPT_AFTER, "pause": sitting.paused_until, "idle": 0,
            }[edge]  # fmt: skip
        if self.town.now < moment + beside - 1 < self.town.now + 3 * HOUR:
            self.town.set_clock(moment + beside - 1)

    @rule()
    def sweep(self) -> None:
        """Let the scheduler close what is overdue."""
        self.town.set_clock(self.town.now + 1)
        jobs.sweep_overdue(self.town.runtime)
        self.oracle.sweep(self.town.now)

    @rule()
    def prepare(self) -> None:
        """Let the scheduler and the worker draw papers ahead."""
        paper_jobs.sweep_papers(self.town.runtime)
        self._work("exam.")

    @rule()
    def restart(self) -> None:
        """Let the web process end and another begin on the same database."""
        self.town.restart()

    # ---- staff

    @rule(by=STAFF, whom=A_TARGET)
    def send_words(self, by: int, whom: str | int) -> None:
        """Tell candidates something."""
        told = self._target(whom)
        if told is None:
            return
        reply = self._form(by, "message", told, words="请核对姓名")
        if self._fits(reply, by, told):
            self.oracle.tell(told, self.town.now)

    @rule(
        by=STAFF, whom=A_TARGET, minutes=st.sampled_from([0, 1, 5, 5, 30, 31, 45, 240, 241]), extends=st.booleans()
    )  # fmt: skip
    def give_time(self, by: int, whom: str | int, minutes: int, extends: bool) -> None:
        """Give time to one, a place or everyone."""
        told = self._target(whom)
        if told is None:
            return
        fields = {"extends_window": "y"} if extends else {}
        reply = self._form(by, "time", told, minutes=str(minutes), reason=WHY, **fields)
        most = own.INVIGILATOR_MOST if by == INVIGILATOR else own.STEWARD_MOST
        if self._fits(reply, by, told, is_right=1 <= minutes <= most):
            self.oracle.give_time(told, minutes * 60, self.town.now, extends=extends)

    @rule(by=STAFF, whom=A_TARGET, minutes=st.sampled_from([1, 3, 10, 10, 45, 120, 121]))
    def pause(self, by: int, whom: str | int, minutes: int) -> None:
        """Let the time of one, a place or everyone stand still."""
        told = self._target(whom)
        if told is None:
            return
        reply = self._form(by, "pause", told, minutes=str(minutes), reason=WHY)
        if not self._fits(reply, by, told, is_right=minutes <= own.PAUSE_MOST):
            return
        measure = self.oracle.pause(told, minutes * 60, self.town.now)
        board = self._desk(0).get(f"/desk/invigilation/{self.town.plan_id}").text
        found = set(re.findall(r"/measures/([^/]+)/resume", board)) - {one for one, _ in self.pauses}
        assert len(found) == 1, found
        self.pauses.append((found.pop(), measure))

    @precondition(lambda self: self.pauses)
    @rule(by=STAFF, which=st.integers(0, 20))
    def resume(self, by: int, which: int) -> None:
        """Let the time go on before the end of a pause, whichever pause that is."""
        measure_id, measure = self.pauses[-1 - which % len(self.pauses)]
        url = f"/desk/invigilation/{self.town.plan_id}/measures/{measure_id}/resume"
        reply = self._desk(by).post(url)
        if by == INVIGILATOR and not self._reaches(by, measure.target):
            self._expect(reply, own.HIDDEN)
        else:
            self._expect(reply, self.oracle.resume(measure, self.town.now))

    @rule(by=STAFF, who=A_CANDIDATE)
    def hand_over(self, by: int, who: int) -> None:
        """Cut the device that holds an exam."""
        if (sitting := self._last(who)) is not None:
            reply = self._evidence(by, sitting, "hand-over", reason=WHY)
            if self._knows(reply, by, sitting):
                self._expect(reply, self.oracle.hand_over(sitting, self.town.now))

    @rule(by=STAFF, who=A_CANDIDATE, wants_void=st.booleans())
    def end(self, by: int, who: int, wants_void: bool) -> None:
        """End an exam for cause."""
        if (sitting := self._last(who)) is not None:
            outcome = "void" if wants_void else "grade"
            reply = self._evidence(by, sitting, "end", reason=WHY, cause="illness", outcome=outcome)
            if self._knows(reply, by, sitting):
                self._expect(reply, self.oracle.end(sitting, by, self.town.now, wants_void=wants_void))

    @precondition(lambda self: any(one.state == "waiting" for one in self.ids))
    @rule(by=st.sampled_from([0, 0, 1, 1, 2]), is_void=st.booleans())
    def decide(self, by: int, is_void: bool) -> None:
        """Decide as the second person what becomes of an exam that was ended, or try to as the first."""
        sitting = next(one for one in self.ids if one.state == "waiting")
        self._decide(by, sitting, is_void=is_void)

    @rule(by=AN_ADMIN, who=A_CANDIDATE, is_void=st.booleans())
    def decide_out_of_turn(self, by: int, who: int, is_void: bool) -> None:
        """Decide about any exam."""
        if (sitting := self._last(who)) is not None:
            self._decide(by, sitting, is_void=is_void)

    @rule(by=STAFF, who=A_CANDIDATE, which=st.integers(0, 2), remark=st.sampled_from([WHY, WHY, WHY, "短"]))
    def void(self, by: int, who: int, which: int, remark: str) -> None:
        """Give an attempt back (H10)."""
        sittings = self.oracle.people[who].sittings
        if not sittings:
            return
        sitting = sittings[-1 - which % len(sittings)]
        reply = self._desk(by).post(f"/exam/desk/attempts/{self.ids[sitting]}/void", {"remark": remark})
        if by == INVIGILATOR:
            self._expect(reply, own.FORBIDDEN)
        elif remark != WHY:
            assert reply.status_code in {409, 422}
        else:
            self._expect(reply, self.oracle.void(sitting, by, self.town.now))

    @rule(
        by=st.sampled_from([0, 0, 1, 1, 2]), who=A_CANDIDATE, percent=st.sampled_from([0, 25, 50]),
        minutes=st.sampled_from([0, 5]), extends=st.booleans(),
    )  # fmt: skip
    def grant_extra(self, by: int, who: int, percent: int, minutes: int, extends: bool) -> None:
        """Grant somebody more time."""
        person = self.oracle.people[who]
        url = f"/desk/invigilation/{self.town.plan_id}/extra"
        form = {
            "person": self.town.candidates[who].id, "percent": str(percent), "minutes": str(minutes), "reason": WHY,
            **({"extends_window": "y"} if extends else {}),
        }  # fmt: skip
        reply = self._desk(by).post(url, form)
        if by == INVIGILATOR:
            self._expect(reply, own.FORBIDDEN)
            return
        seconds = own.DURATION * percent // 100 + minutes * 60
        said = self.oracle.grant(person, seconds, self.town.now, extends=extends)
        self._expect(reply, said)
        if said is own.DONE:
            listed = set(re.findall(r"/extra/([^/]+)/withdraw", self._desk(by).get(url).text))
            found = listed - {one for one, _ in self.extras}
            assert len(found) == 1, found
            self.extras.append((found.pop(), person))

    @precondition(lambda self: self.extras)
    @rule(by=AN_ADMIN, which=st.integers(0, 5))
    def withdraw_extra(self, by: int, which: int) -> None:
        """Take a grant back; an exam that began with it keeps it."""
        extra_id, person = self.extras[which % len(self.extras)]
        stands = person.extra is not None and self._newest_extra(person) == extra_id
        reply = self._desk(by).post(
            f"/desk/invigilation/{self.town.plan_id}/extra/{extra_id}/withdraw", {"reason": WHY}
        )
        self._expect(reply, own.DONE if stands else own.NO)
        if stands:
            person.extra = None

    # ---- how the rules do it

    def _sign_in(self, who: int, device: int) -> None:
        """Sign in, unless the login session of this browser still lives."""
        visitor, login = self.devices[who][device]
        if login is not None and login.lives(self.town.now + 1):
            return
        known = self.town.candidates[who]
        reply = visitor.get("/sign-in")
        reply = visitor.post("/sign-in", {"login_name": known.login_name, "password": known.password})
        assert reply.status_code == 302, reply.text
        self.devices[who][device] = (visitor, Login(self.town.now))
        visitor.get("/account/security")

    def _desk(self, by: int) -> Visitor:
        """Return the browser of a member of staff, who signs in again when he has to."""
        visitor, login = self.desks[by]
        now = self.town.now  # a page for its token may come before the act itself
        if login is None or not login.lives(now + 3) or not login.knock(now + 1):
            known = self.town.staff[by]
            visitor = self.town.visitor()
            assert visitor.sign_in(known.login_name, known.password).status_code == 302
            self.desks[by] = (visitor, Login(self.town.now))
        return visitor

    def _is_in(self, login: Login | None) -> bool:
        return login is not None and login.knock(self.town.now)

    def _note_seen(self, who: int, reply: TestResponse) -> None:
        """A page that says a refusal loads the person whose cookie came with the request."""
        login = self.devices[who][0][1]
        if reply.status_code >= 400 and login is not None:
            login.knock(self.town.now)

    def _start(self, who: int, device: int) -> None:
        visitor, login = self.devices[who][device]
        reply = visitor.post_json(f"/api/v1/exam/plans/{self.town.plan_id}/attempts", {})
        if not self._is_in(login):
            self._expect(reply, Said(401, "sign_in_needed"))
            return
        now = self.town.now
        found = self.oracle.start(self.oracle.people[who], login, now)
        if isinstance(found, list):
            self._expect(reply, Said(409, "exam_not_open"))
            assert [one["code"] for one in reply.get_json()["reasons"]] == found
            return
        if found.holder is not login:
            self._expect(reply, own.TAKEN_OVER)
            return
        if found.is_paused(now):
            self._expect(reply, Said(409, "exam_not_open"))
            return
        sent = reply.get_json()
        assert reply.status_code == 201, reply.text
        if not found.sheet:
            found.sheet = read_sheet(sent)
            self.ids[found] = sent["attempt_id"]
        assert self.ids[found] == sent["attempt_id"]
        assert sent["attempt_no"] == found.number
        assert sent["remaining_ms"] == found.remaining(now)
        told = {
            place: (one["revision"], frozenset(one.get("choice", [one.get("written")])) - {""})
            for place, one in ((int(place), one) for place, one in sent["answers"].items())
        }
        assert told == {place: found.newest(place) for place in found.answers}
        marks = {int(place): (one["revision"], one["marked"]) for place, one in sent["marks"].items()}
        assert marks == found.marks
        self.leases[who].append((sent["lease"], (found, login)))

    def _lease(self, who: int, which: int) -> tuple[str, own.Lease | None]:
        """Return a proof of a candidate: the newest, or one before; made up when there is none."""
        kept = self.leases[who]
        return kept[max(0, len(kept) - 1 - which)] if kept else ("made up", None)

    def _tell(self, lease: str, url: str, **body: Any) -> TestResponse:
        return self.devices[0][0][0].client.post(url, json={"lease": lease, **body})

    def _save(self, who: int, which: int, place: int, how: str, what: str) -> None:
        text, lease = self._lease(who, which)
        if lease is None:
            self._expect(
                self._tell(text, "/api/v1/exam/answer", position=1, revision=1, choice=[]), own.LEASE_DEAD
            )
            return
        sitting = lease[0]
        newest, present = sitting.newest(place)
        revision = {"next": newest + 1, "same": newest, "older": newest - 1, "ahead": newest + 7}[how]
        answer = present if how == "same" else self._answer(sitting, place, what)
        is_gap = 1 <= place <= len(sitting.sheet) and sitting.sheet[place - 1].type == "fill_in"
        is_written = is_gap is not (what == "other kind" and how != "same")
        body: dict[str, Any] = (
            {"written": "".join(sorted(answer))} if is_written else {"choice": sorted(answer)}
        )
        reply = self._tell(text, "/api/v1/exam/answer", position=place, revision=revision, **body)
        if is_written:
            answer = frozenset({"".join(sorted(answer))} - {""})
        said = self.oracle.save(lease, place, revision, answer, self.town.now, is_written=is_written)
        self._expect(reply, said)

    def _answer(self, sitting: Sitting, place: int, what: str) -> own.Answer:
        if not 1 <= place <= len(sitting.sheet) or what == "nothing":
            return frozenset()
        question = sitting.sheet[place - 1]
        if question.type == "fill_in":
            words = {"right": WRITTEN[place % 2], "part": "三三", "foreign": "长" * 151, "long": "长" * 151}
            return frozenset({words.get(what, "四")})
        right, wrong = sorted(question.right), sorted(set(question.options) - question.right)
        return frozenset(
            {
                "right": right, "part": right[:1], "wrong": wrong[:1], "too many": question.options[:2],
                "foreign": ["0f0f"], "other kind": right[:1], "long": right[-1:],
            }[what]
        )  # fmt: skip

    def _last(self, who: int) -> Sitting | None:
        known = [one for one in self.oracle.people[who].sittings if one in self.ids]
        return known[-1] if known else None

    def _expect(self, reply: TestResponse, said: Said) -> None:
        """Compare a reply with what it must be."""
        found = reply.get_json(silent=True) or {}
        assert reply.status_code == said.status, (said, reply.status_code, reply.text[:1500])
        if reply.is_json:
            assert found.get("code", "") == said.code
            assert {name: found.get(name) for name in said.told} == dict(said.told)

    def _see_result(self, who: int, sitting: Sitting) -> None:
        self._sign_in(who, 0)
        visitor, login = self.devices[who][0]
        reply = visitor.get(f"/exam/attempts/{self.ids[sitting]}/result")
        now = self.town.now
        assert self._is_in(login)
        if sitting.is_open(now):
            assert reply.status_code == 302
            return
        text, person = reply.text, self.oracle.people[who]
        shown = SCORE.search(text)
        assert f"共 {own.ATTEMPTS} 次机会，已用 {len(person.counting)} 次" in text
        if sitting.state == "graded":
            assert sitting.score is not None
            assert shown is not None
            assert round(float(shown[1]) * 100) == sitting.score
            assert ("未合格" in text) is not sitting.passed or len(person.sittings) > 1
            minutes, seconds = divmod(sitting.used_seconds, 60)
            words = f"{minutes} 分 {seconds} 秒" if minutes and seconds else f"{seconds} 秒"
            assert f"用时 {words if seconds or not minutes else f'{minutes} 分钟'}<" in text
            if not person.has_passed and not self.oracle.why_not_start(person, now):
                assert f"还有 {person.attempts_left} 次机会" in text
        else:
            assert shown is None
            words = {"voided": "这次考试已作废", "waiting": "等待决定", "open": "正在收卷和评分"}
            assert words[sitting.state] in text

    # ---- staff

    def _target(self, target: str | int) -> str | Sitting | None:
        return self._last(target) if isinstance(target, int) else target

    def _reaches(self, by: int, target: str | Sitting) -> bool:
        if by != INVIGILATOR:
            return True
        return target.person.place == "here" if isinstance(target, Sitting) else target == "here"

    def _form(self, by: int, kind: str, target: str | Sitting, **fields: str) -> TestResponse:
        written = (
            f"attempt:{self.ids[target]}"
            if isinstance(target, Sitting)
            else f"place:{self.town.place_ids[target]}"
            if target in self.town.place_ids
            else target
        )
        url = f"/desk/invigilation/{self.town.plan_id}/{kind}"
        return self._desk(by).post(url, {"target": written, **fields})

    def _fits(self, reply: TestResponse, by: int, target: str | Sitting, *, is_right: bool = True) -> bool:
        """Say whether an act goes through: its target stands on the actor's board, and its numbers are right."""
        is_there = not isinstance(target, Sitting) or target.is_open(self.town.now)
        goes = self._reaches(by, target) and is_there and is_right
        self._expect(reply, own.DONE if goes else own.UNFIT)
        return goes

    def _evidence(self, by: int, sitting: Sitting, act: str, **fields: str) -> TestResponse:
        prefix = {"decide": "verdict"}.get(act, act)
        form = {f"{prefix}-{name}": value for name, value in fields.items()}
        return self._desk(by).post(f"/desk/invigilation/attempts/{self.ids[sitting]}/{act}", form)

    def _knows(self, reply: TestResponse, by: int, sitting: Sitting) -> bool:
        if not self._reaches(by, sitting):
            self._expect(reply, own.HIDDEN)
            return False
        return True

    def _decide(self, by: int, sitting: Sitting, *, is_void: bool) -> None:
        reply = self._evidence(by, sitting, "decide", verdict="void" if is_void else "keep", reason=WHY)
        if by == INVIGILATOR:
            self._expect(reply, own.FORBIDDEN)
        else:
            self._expect(reply, self.oracle.decide(sitting, by, is_void=is_void))

    def _newest_extra(self, person: Examinee) -> str:
        return [extra_id for extra_id, one in self.extras if one is person][-1]

    def _work(self, prefix: str = "") -> None:
        """Do every waiting job whose name begins so, and those that follow from them."""
        is_done = False
        while not is_done:
            with self.town.runtime.read() as uow:
                waiting = uow.session.execute(
                    select(OutboxJob.id, OutboxJob.name).where(OutboxJob.done_at.is_(None))
                )
                wanted = [job_id for job_id, name in waiting if name.startswith(prefix)]
            is_done = not [one for one in wanted if perform(self.town.runtime, HANDLERS, one)]

    @invariant()
    def count(self) -> None:
        """Count the steps."""
        self.steps["steps"] += 1

    def teardown(self) -> None:
        """Let everything come to its end, look at every result, and ask every invariant of the house."""
        self.steps["runs"] += 1
        for _ in range(2):
            self.town.set_clock(self.town.now + 9 * HOUR)
            jobs.sweep_overdue(self.town.runtime)
            self.oracle.sweep(self.town.now)
        assert not any(person.running() for person in self.oracle.people)
        for who in range(len(PLACES)):
            self.look_at_the_result(who)
        self._work()
        with self.town.runtime.read() as uow:
            assert check(uow, ALL_INVARIANTS) == {}


def run(town: Town) -> Counter[str]:
    """Let the machine run on a town; return how much it did."""

    class Machine(AttemptMachine):
        pass

    Machine.town, Machine.steps = town, Counter()
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                # The short form takes the same steps each time; the long one looks for what nobody has met yet.
                derandomize=DEPTH == 1,
                phases=SEARCH if DEPTH == 1 else tuple(Phase),
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        town.shut()
    return Machine.steps


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    """A site that begins anew as often as asked."""
    if request.param == "sqlite":
        return Town(tmp_path, SqliteStore(tmp_path, request.getfixturevalue("sqlite_template")))
    store = PostgresqlStore(request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template"))
    return Town(tmp_path, store)


@pytest.mark.timeout(300 if DEPTH == 1 else 0)
def test_every_reply_of_an_exam_is_what_it_must_be(town: Town) -> None:
    done = run(town)
    print(f"{done['steps']} steps in {done['runs']} runs, {town.requests} requests, no divergence")
    assert done["steps"] > 4 * RUNS
