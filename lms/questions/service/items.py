"""What is done to an item: retiring it, and letting papers draw it again."""

from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, Reason, require, stale
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.models import QuestionItem
from lms.questions.policy import (
    ITEM,
    ItemState,
    question_key,
    remark_reasons,
)
from lms.questions.service.stock import renew_stock_mark


def retire_item(uow: UnitOfWork, actor: Actor, item_id: str, remark: str) -> None:
    """Take an item out of future papers. Papers that hold it stay as they are (B8)."""
    require(remark_reasons(remark), Invalid)
    facts = queries.get_item(uow, item_id)
    audit.move(uow, actor, ITEM, "retire", QuestionItem.state, item_id, facts.state, remark=remark.strip())
    renew_stock_mark(uow)


def reinstate_item(uow: UnitOfWork, actor: Actor, item_id: str) -> None:
    """Let papers draw a retired item again. Refused when the same question has come in anew."""
    facts = queries.get_item(uow, item_id)
    if queries.known_items(uow, [question_key(facts.item)]) and facts.state is ItemState.RETIRED:
        raise Conflict(
            Reason(
                "item.replaced", N_("同一道题在题库里只能有一份"), now=N_("这道题停用后，又导入了同一题"),
                way_out=N_("请先停用新导入的那一份"),
            )
        )  # fmt: skip
    try:
        audit.move(uow, actor, ITEM, "reinstate", QuestionItem.state, item_id, facts.state)
    except IntegrityError as error:
        raise stale() from error
    renew_stock_mark(uow)
