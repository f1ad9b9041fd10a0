"""Several plans at once: which one is meant goes without saying, or is asked."""

from dataclasses import replace

import pytest

from lms.core.errors import Reason
from lms.core.unit_of_work import Runtime
from lms.enrolment.policy import (
    ApplicationFacts,
    ApplicationState,
    Outcome,
    StageChoice,
    in_order,
    plain_choice,
)
from lms.enrolment.queries import stage_choices
from lms.plans.policy import PlanFacts, StageKind
from tests.factories.plans import WELDER, a_plan, an_applicant, an_approved_trainee
from tests.support.people import People

pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
NOT_NOW = (Reason("study.window_not_open", "只能在学习时间内学习"),)


@pytest.fixture
def maker(runtime: Runtime, people: People) -> "Maker":
    """Makes choices from one real application."""
    plan = a_plan(runtime, people)
    _, application = an_approved_trainee(runtime, people, plan)
    return Maker(application, plan)


class Maker:
    """Varies one application."""

    def __init__(self, application: ApplicationFacts, plan: PlanFacts) -> None:
        self.application, self.plan = application, plan

    def open(self) -> StageChoice:
        """An approved application whose stage is open."""
        return StageChoice(self.application, self.plan, ())

    def waiting(self) -> StageChoice:
        """An approved application whose stage is not open yet."""
        return StageChoice(self.application, self.plan, NOT_NOW)

    def in_review(self) -> StageChoice:
        """An application that nobody has approved yet."""
        return StageChoice(replace(self.application, state=ApplicationState.IN_REVIEW), self.plan, NOT_NOW)

    def ended(self) -> StageChoice:
        """An approved application that was completed."""
        return StageChoice(replace(self.application, outcome=Outcome.COMPLETED), self.plan, NOT_NOW)


def test_what_is_open_goes_without_saying(maker: Maker) -> None:
    meant = maker.open()
    assert plain_choice([maker.in_review(), maker.waiting(), meant, maker.ended()]) is meant


def test_two_that_are_open_are_a_question(maker: Maker) -> None:
    assert plain_choice([maker.open(), maker.open()]) is None


def test_the_one_under_way_is_meant_while_it_waits_for_its_day(maker: Maker) -> None:
    meant = maker.waiting()
    assert plain_choice([maker.in_review(), meant, maker.ended()]) is meant
    assert plain_choice([maker.waiting(), maker.waiting()]) is None


def test_what_has_ended_is_meant_only_when_nothing_is_under_way(maker: Maker) -> None:
    newest = maker.ended()
    assert plain_choice([newest, maker.ended()]) is newest
    assert plain_choice([maker.in_review(), maker.ended()]) is None
    assert plain_choice([maker.in_review()]) is None
    assert plain_choice([]) is None


def test_a_list_begins_with_what_is_open(maker: Maker) -> None:
    meant = maker.open()
    listed = in_order([maker.ended(), maker.in_review(), maker.waiting(), meant])
    assert listed[0] is meant
    assert [one.application.outcome for one in listed[1:3]] == [None, Outcome.COMPLETED]
    assert not listed[3].is_approved


def test_a_second_application_leaves_the_running_course_where_it_is(runtime: Runtime, people: People) -> None:
    first, second = a_plan(runtime, people), a_plan(runtime, people, "sichuan")
    trainee, approved = an_approved_trainee(runtime, people, first)
    an_applicant(runtime, people, second, choice=WELDER, person=trainee)
    with runtime.read() as uow:
        study = stage_choices(uow, trainee.id, StageKind.STUDY)
        offline = stage_choices(uow, trainee.id, StageKind.OFFLINE)
    assert [one.plan.id for one in study] == [second.id, first.id]
    meant = plain_choice(study)
    assert meant is not None
    assert meant.application.id == approved.id
    assert offline == []
