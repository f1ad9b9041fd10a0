"""Changing many questions at once: all of them, or none."""

from dataclasses import replace

from sqlalchemy import insert, select, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import item_from_json, item_to_json
from lms.questions.models import ItemText, QuestionItem, QuestionVersion
from lms.questions.policy import BULK_MAX, ITEM, BulkAct, BulkChange, ItemState, bulk_reasons
from lms.questions.queries import Target
from lms.questions.service.pictures import tie_pictures
from lms.questions.service.stock import renew_stock_mark
from question_bank.items import Difficulty, Item, fingerprint


def change_items(uow: UnitOfWork, actor: Actor, target: Target, change: BulkChange, confirmed: int) -> int:
    """Make one change to every question of a target; return how many were changed.

    Raises Invalid with every reason why not: then nothing was changed.
    """
    ids, aim = queries.aimed(uow, target, BULK_MAX)
    require(bulk_reasons(change, aim.count, confirmed, aim.in_review, aim.not_live), Invalid)
    if change.act is BulkAct.RETIRE:
        for item_id in ids:
            audit.move(
                uow, actor, ITEM, "retire", QuestionItem.state, item_id, ItemState.APPROVED,
                remark=change.remark.strip(), together=len(ids),
            )  # fmt: skip
        renew_stock_mark(uow)
        return len(ids)
    return _relabel(uow, actor, ids, change)


def _relabel(uow: UnitOfWork, actor: Actor, ids: list[str], change: BulkChange) -> int:
    present, newest = queries.present_rows(uow, ids), queries.last_versions(uow, ids)
    versions, items = [], []
    shown: dict[str, Item] = {}
    for item_id in ids:
        body, rule_version, retire_on = present[item_id]
        before = item_from_json(body)
        after = _labelled(before, change)
        if after == before:
            continue
        number, mark, version_id = newest[item_id] + 1, fingerprint(after), new_id()
        shown[version_id] = after
        versions.append(
            {
                "id": version_id, "item_id": item_id, "version": number, "body": item_to_json(after),
                "fingerprint": mark, "created_at": uow.now, "created_by": actor.person_id,
                "rule_version": rule_version, "retire_on": retire_on,
            }
        )  # fmt: skip
        items.append(
            {
                "id": item_id,
                "version": number,
                "fingerprint": mark,
                "area": after.area,
                "difficulty": after.difficulty,
            }
        )
        audit.record(
            uow, actor, "question_item:relabel", item_id, version=number, remark=change.remark.strip(),
            together=len(ids), **{change.act.value: change.value},
        )  # fmt: skip
    if items:
        uow.session.execute(insert(QuestionVersion), versions)
        tie_pictures(uow, shown)
        uow.session.execute(update(QuestionItem), items)
        # The words stayed, so the searched text stays, where there is one yet; only its version moves on.
        present_version = select(QuestionItem.version).where(QuestionItem.id == ItemText.item_id)
        uow.session.execute(
            update(ItemText)
            .where(ItemText.item_id.in_([one["id"] for one in items]))
            .values(version=present_version.scalar_subquery())
            .execution_options(synchronize_session=False)
        )
        renew_stock_mark(uow)
    return len(items)


def _labelled(item: Item, change: BulkChange) -> Item:
    if change.act is BulkAct.AREA:
        return replace(item, area=change.value)
    return replace(item, difficulty=Difficulty(change.value))
