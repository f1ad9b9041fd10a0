"""Saying which questions are for practice; papers do not draw them."""

from sqlalchemy import delete

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.errors import N_, Reason, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.policy import ItemState
from lms.questions.practice_models import PracticeItem
from lms.questions.service.stock import renew_stock_mark


def mark_for_practice(uow: UnitOfWork, actor: Actor, item_id: str) -> None:
    """Let trainees practise with a question, key and explanation included. Raises NotFound, Refusal for a draft."""
    if queries.get_item(uow, item_id).state is not ItemState.APPROVED:
        raise Refusal(
            Reason(
                "practice.not_in_use", N_("在用的题才能用于练习"), N_("这道题没有批准或已停用"),
                N_("请先批准或恢复使用"), source="B9",
            )
        )  # fmt: skip
    kept = uow.session.execute(
        insert_new(uow.session, PracticeItem, PracticeItem.item_id)
        .values(item_id=item_id, marked_at=uow.now, marked_by=actor.person_id)
        .returning(PracticeItem.item_id)
    ).scalar()
    if kept is not None:
        audit.record(uow, actor, "question_item:for_practice", item_id)
        renew_stock_mark(uow)


def unmark_practice(uow: UnitOfWork, actor: Actor, item_id: str) -> None:
    """Let papers draw a question again that was for practice. Raises NotFound."""
    queries.get_item(uow, item_id)
    gone = uow.session.execute(
        delete(PracticeItem).where(PracticeItem.item_id == item_id).returning(PracticeItem.item_id)
    ).scalar()
    if gone is not None:
        audit.record(uow, actor, "question_item:for_exams", item_id)
        renew_stock_mark(uow)
