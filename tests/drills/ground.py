"""What attackers and honest people of the drill `fraud` find: a course, plans with short and usual times, trainees."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from lms.core.unit_of_work import Runtime
from lms.courses.queries import lessons
from lms.courses.service import StoredLesson, add_course
from lms.plans.policy import PlanFacts
from lms.plans.templates import (
    BEAT_INTERVAL_SECONDS,
    PRESENCE_ANSWER_SECONDS,
    PRESENCE_MAX_SECONDS,
    PRESENCE_MIN_SECONDS,
)
from tests.factories.plans import OPERATOR, PROVINCE_ONLY, a_plan, an_approved_trainee
from tests.support.people import KnownPerson, People

LESSON_SECONDS = 660
LESSONS = 6
STUDY_SECONDS = 3600
NEVER = 3600
"""Nobody is asked within the minute whether he is there; only the class that is about it is."""


@dataclass(frozen=True)
class Course:
    """A plan that somebody studies in, as his page knows it. Lessons are ids in order."""

    plan_id: str
    lessons: tuple[str, ...]
    lesson_ms: int
    interval: int
    window: int
    """The most seconds between two presence checks."""


class Ground:
    """The seeded site. Plans by name: quick, slow, asked (attackers), usual (honest people), often (guesses)."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._people = People(runtime)
        key = runtime.storage.put(b"a film that nobody plays")
        stored = [
            StoredLesson(f"第 {n} 课", "", LESSON_SECONDS * 1000, key, 24) for n in range(1, LESSONS + 1)
        ]
        with runtime.write() as uow:
            course_id = add_course(uow, OPERATOR, "fraud", "考评员培训", stored).id
        with runtime.read() as uow:
            taught = tuple(lesson.id for lesson in lessons(uow, course_id))
        times = {
            "quick": (1, NEVER, NEVER, PRESENCE_ANSWER_SECONDS),
            "slow": (2, NEVER, NEVER, PRESENCE_ANSWER_SECONDS),
            "asked": (1, 1, 1, 1),
            "usual": (
                BEAT_INTERVAL_SECONDS, PRESENCE_MIN_SECONDS, PRESENCE_MAX_SECONDS, PRESENCE_ANSWER_SECONDS,
            ),
            "often": (10, 20, 20, PRESENCE_ANSWER_SECONDS),
        }  # fmt: skip
        self._facts: dict[str, PlanFacts] = {}
        self.plans: dict[str, Course] = {}
        for name, (interval, low, high, answer) in times.items():
            plan = a_plan(
                runtime, self._people, course_id=course_id, required_study_seconds=STUDY_SECONDS,
                beat_interval_seconds=interval, presence_min_seconds=low, presence_max_seconds=high,
                presence_answer_seconds=answer, review_route=PROVINCE_ONLY,
            )  # fmt: skip
            self._facts[name] = plan
            self.plans[name] = Course(plan.id, taught, LESSON_SECONDS * 1000, interval, high)

    def trainee(self, plan: str) -> KnownPerson:
        """Return somebody new whose study stage in a plan is open."""
        return an_approved_trainee(self._runtime, self._people, self._facts[plan])[0]

    @staticmethod
    def secrets(environment: Mapping[str, str]) -> tuple[str, ...]:
        """Return the keys of a site as texts: as they are set, and the derived key of leases in its usual spellings."""
        kept = [environment[name] for name in ("LMS_SECRET_KEY", "LMS_FIELD_KEY", "LMS_INDEX_KEY")]
        signing = hashlib.sha256(b"lease:" + kept[0].encode()).digest()
        return (
            *kept,
            signing.hex(),
            base64.b64encode(signing).decode(),
            base64.urlsafe_b64encode(signing).decode(),
        )
