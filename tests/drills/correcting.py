"""Two exam administrators who correct scores while others hand in: every second move takes the one before back."""

import json
import random
import threading
import time

from sqlalchemy import select

from lms.accounts.policy import Role
from lms.core.errors import Conflict
from lms.core.unit_of_work import Runtime
from lms.exam import queries
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.service import corrections
from lms.exam.service.corrections import Proposal
from question_bank.correcting import CorrectionKind
from question_bank.paper_json import key_from_json
from tests.support.people import People

WORDS = "参考答案有误，见通知第三条。"
LONGEST_WAIT_SECONDS = 0.2
PATIENCE_SECONDS = 30.0


class Corrector:
    """Proposes as one person and releases as another, again and again until the list holds still."""

    def __init__(self, runtime: Runtime, people: People, plan_id: str) -> None:
        self._runtime = runtime
        self._plan_id = plan_id
        self._first, self._second = (people.actor(people.staff(Role.EXAM_ADMIN)) for _ in range(2))
        self._standing: str | None = None
        self.moves = 0

    def move(self, attempt_id: str, go: threading.Event) -> None:
        """Prepare a release, or a reversal of the last one; carry it out at a random moment after `go`."""
        with self._runtime.write() as uow:
            if self._standing is None:
                wanted = Proposal(
                    self._plan_id, self._fingerprint(attempt_id), CorrectionKind.CREDIT, (), WORDS
                )
                correction_id = corrections.propose(uow, self._first, wanted)
            else:
                correction_id = self._standing
                corrections.ask_back(uow, self._first, correction_id, WORDS)
        go.wait()
        time.sleep(random.uniform(0, LONGEST_WAIT_SECONDS))
        reverse = self._standing is not None
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with self._runtime.read() as uow:
                facts = queries.get_correction(uow, self._first, correction_id).correction
                found = queries.dry_run(uow, facts, reverse=reverse)
            try:
                with self._runtime.write() as uow:
                    carry_out = corrections.reverse if reverse else corrections.release
                    carry_out(uow, self._second, correction_id, found, found.digest)
            except Conflict:
                continue  # somebody was graded in between: look again, as the page asks to
            self._standing = None if reverse else correction_id
            self.moves += 1
            return
        raise TimeoutError("the list of scores never held still")

    def _fingerprint(self, attempt_id: str) -> str:
        """Return a wording of the paper of an attempt that no correction was made for yet."""
        with self._runtime.read() as uow:
            wanted = (
                select(Paper.key).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
            )
            key = key_from_json(json.loads(uow.session.scalars(wanted).one()))
        return random.choice(key.entries).item_fingerprint
