"""Practising: an answer is judged at once and remembered for the person alone."""

from sqlalchemy import update

from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.errors import Forbidden, Invalid, NotFound, Reason, require
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import ApplicationState
from lms.enrolment.queries import applications_of
from lms.exam import queries
from lms.exam.models.practice import PracticeTry
from lms.exam.policy.practice import Practised, answer_reasons, judge, practice_reasons
from lms.questions.queries import ItemFacts


def why_not_practise(uow: UnitOfWork, person_id: str) -> list[Reason]:
    """Say why a person cannot practise: he is in no plan."""
    enrolled = any(one.state is ApplicationState.APPROVED for one in applications_of(uow, person_id))
    return practice_reasons(is_enrolled=enrolled)


def offered_item(uow: UnitOfWork, person_id: str, item_id: str) -> ItemFacts:
    """Return a question that a person may practise now. Raises NotFound for any other, and for who may not practise."""
    if why_not_practise(uow, person_id):
        raise NotFound
    return queries.practice_item(uow, item_id)


def practise(uow: UnitOfWork, actor: Actor, item_id: str, given: list[str]) -> Practised:
    """Judge an answer and remember how it went. Raises NotFound, Invalid for an answer that is none."""
    if actor.person_id is None:
        raise Forbidden
    item = offered_item(uow, actor.person_id, item_id).item
    answer = judge(item, given)
    require(answer_reasons(item, answer), Invalid)
    uow.session.execute(
        insert_new(uow.session, PracticeTry, PracticeTry.person_id, PracticeTry.item_id).values(
            person_id=actor.person_id,
            item_id=item_id,
            tries=0,
            right_tries=0,
            is_right=False,
            last_at=uow.now,
        )
    )
    uow.session.execute(
        update(PracticeTry)
        .where(PracticeTry.person_id == actor.person_id, PracticeTry.item_id == item_id)
        .values(
            tries=PracticeTry.tries + 1, right_tries=PracticeTry.right_tries + int(answer.is_right),
            is_right=answer.is_right, last_at=uow.now,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return answer
