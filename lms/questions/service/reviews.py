"""Writing new versions, and the second person who lets papers draw them."""

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, Reason, Refusal, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import item_to_json
from lms.questions.models import QuestionItem, QuestionVersion, VersionReview
from lms.questions.policy import (
    APPROVED_AT_ONCE,
    ITEM,
    REVIEW,
    ItemState,
    ReviewState,
    Wording,
    bulk_approval_reasons,
    decide_reasons,
    edit_reasons,
    local_day,
    picture_keys,
    question_key,
    remark_reasons,
    withdraw_reasons,
    wording_reasons,
)
from lms.questions.queries import ItemFacts
from lms.questions.service.pictures import tie_pictures
from lms.questions.service.stock import renew_stock_mark
from lms.questions.service.texts import index_items
from question_bank.items import fingerprint


def write_item(uow: UnitOfWork, actor: Actor, wording: Wording, note: str) -> str:
    """Write a new question, which papers draw once another person has approved it; return its id. Raises Invalid."""
    require(
        [*wording_reasons(wording, None, local_day(uow.now), _at_hand(uow, wording)), *_note_reasons(note)],
        Invalid,
    )
    item = wording.item
    row = QuestionItem(
        id=new_id(), state=ItemState.DRAFT, question_key=question_key(item), fingerprint=fingerprint(item), version=1,
        type=item.type, area=item.area, difficulty=item.difficulty, stem=item.stem, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    audit.born(uow, actor, ITEM, row.id)
    _add_version(uow, actor, row.id, 1, wording, note)
    index_items(uow, [row.id])
    return row.id


def write_version(uow: UnitOfWork, actor: Actor, item_id: str, base: int, wording: Wording, note: str) -> int:
    """Write a new version of an item, starting from version `base`; papers go on with the approved one.

    One's own version that still waits is withdrawn by it. Raises Invalid, or Conflict when somebody else was faster.
    """
    facts = queries.get_item(uow, item_id)
    waiting = queries.open_review(uow, item_id)
    require(edit_reasons(facts.state, waiting.written_by if waiting else None, actor.person_id), Conflict)
    number = queries.last_version(uow, item_id)
    if base != number:
        raise Conflict(
            Reason(
                "item.newer", N_("修改从最新的版本开始"), now=N_("您打开页面以后，又有了新的版本"),
                way_out=N_("请刷新页面，在最新的版本上修改"),
            )
        )  # fmt: skip
    before = _stands(uow, facts, waiting)
    require(
        [*wording_reasons(wording, before, local_day(uow.now), _at_hand(uow, wording)), *_note_reasons(note)],
        Invalid,
    )
    if waiting is not None:
        _move(uow, actor, "withdraw", waiting)
    _add_version(uow, actor, item_id, number + 1, wording, note)
    return number + 1


def review_version(uow: UnitOfWork, actor: Actor, item_id: str, version: int, remark: str = "") -> None:
    """Say that a version is right; another person than its writer does it."""
    review = _decidable(uow, actor, "review", item_id, version)
    _move(uow, actor, "review", review, remark, reviewed_by=actor.person_id)


def approve_version(uow: UnitOfWork, actor: Actor, item_id: str, version: int, remark: str = "") -> None:
    """Let papers draw a reviewed version from now on. Papers that are drawn stay as they are (B8)."""
    review = _decidable(uow, actor, "approve", item_id, version)
    facts = queries.get_item(uow, item_id)
    wording, mark = queries.get_wording(uow, item_id, version)
    item = wording.item
    key = question_key(item)
    if any(found.item_id != item_id for found in queries.known_items(uow, [key]).values()):
        raise _same_question()
    _move(uow, actor, "approve", review, remark, approved_by=actor.person_id)
    changed = {
        "version": version, "fingerprint": mark, "question_key": key, "type": item.type, "area": item.area,
        "difficulty": item.difficulty, "stem": item.stem,
    }  # fmt: skip
    try:
        if facts.state is ItemState.DRAFT:
            audit.move(uow, actor, ITEM, "approve", QuestionItem.state, item_id, facts.state, changes=changed)
        else:
            uow.session.execute(update(QuestionItem).where(QuestionItem.id == item_id).values(**changed))
    except IntegrityError as error:
        raise _same_question() from error
    renew_stock_mark(uow)
    uow.session.expire_all()
    index_items(uow, [item_id])


def approve_drafts(uow: UnitOfWork, actor: Actor, batch_id: str) -> tuple[int, int]:
    """Review and approve the new questions of a file as its second person; return how many, and how many are left.

    Only some at once, because each is written by itself. A question that stands in the bank by now is passed over.
    """
    waiting = queries.draft_count(uow, batch_id)
    batch = queries.get_batch(uow, batch_id)
    require(bulk_approval_reasons(waiting, batch.asked_by, actor.person_id), Refusal)
    some = queries.waiting_drafts(uow, batch_id, 4 * APPROVED_AT_ONCE)
    keys = {
        item_id: question_key(queries.get_wording(uow, item_id, version)[0].item) for item_id, version in some
    }
    known = queries.known_items(uow, keys.values())
    free = [pair for pair in some if keys[pair[0]] not in known][:APPROVED_AT_ONCE]
    for item_id, version in free:
        if queries.get_review(uow, item_id, version).state == ReviewState.DRAFT:
            review_version(uow, actor, item_id, version)
        approve_version(uow, actor, item_id, version)
    return len(free), waiting - len(free)


def decline_version(uow: UnitOfWork, actor: Actor, item_id: str, version: int, remark: str) -> None:
    """Turn a version down, with a reason; papers go on with the approved one."""
    require(remark_reasons(remark), Invalid)
    _move(uow, actor, "decline", _decidable(uow, actor, "decline", item_id, version), remark)


def withdraw_version(uow: UnitOfWork, actor: Actor, item_id: str, version: int) -> None:
    """Take back one's own version that still waits."""
    review = queries.get_review(uow, item_id, version)
    require(withdraw_reasons(review.written_by, actor.person_id), Refusal)
    _move(uow, actor, "withdraw", review)


def retire_lapsed(uow: UnitOfWork, actor: Actor) -> int:
    """Retire the items whose day has come; return how many."""
    found = queries.lapsed_items(uow, local_day(uow.now))
    for item_id in found:
        audit.move(
            uow, actor, ITEM, "retire", QuestionItem.state, item_id, ItemState.APPROVED, remark="retire_on"
        )
    if found:
        renew_stock_mark(uow)
    return len(found)


def _at_hand(uow: UnitOfWork, wording: Wording) -> frozenset[str]:
    return frozenset(queries.pictures(uow, picture_keys(wording.item)))


def _stands(uow: UnitOfWork, facts: ItemFacts, waiting: VersionReview | None) -> Wording | None:
    """Return what a new version has to differ from: the one that waits, or else the approved one.

    What was declined or taken back may be written again as it was.
    """
    if waiting is not None:
        return queries.get_wording(uow, facts.id, waiting.version)[0]
    if facts.state is ItemState.DRAFT:
        return None
    return queries.get_wording(uow, facts.id, facts.version)[0]


def _decidable(uow: UnitOfWork, actor: Actor, verb: str, item_id: str, version: int) -> VersionReview:
    review = queries.get_review(uow, item_id, version)
    state = ReviewState(review.state)
    require(decide_reasons(verb, state, review.written_by, actor.person_id), Refusal)
    return review


def _add_version(
    uow: UnitOfWork, actor: Actor, item_id: str, number: int, wording: Wording, note: str
) -> None:
    version_id = new_id()
    uow.session.add(
        QuestionVersion(
            id=version_id, item_id=item_id, version=number, body=item_to_json(wording.item),
            fingerprint=fingerprint(wording.item), created_at=uow.now, created_by=actor.person_id,
            rule_version=wording.rule_version or None, retire_on=wording.retire_on,
        )
    )  # fmt: skip
    review = VersionReview(
        id=new_id(), item_id=item_id, version=number, state=REVIEW.initial, written_by=actor.person_id or "",
        written_at=uow.now, note=note.strip(),
    )  # fmt: skip
    uow.session.add(review)
    uow.session.flush()
    tie_pictures(uow, {version_id: wording.item})
    audit.born(uow, actor, REVIEW, review.id, item_id=item_id, version=number)


def _move(
    uow: UnitOfWork, actor: Actor, verb: str, review: VersionReview, remark: str = "", **changes: str | None
) -> None:  # fmt: skip
    audit.move(
        uow, actor, REVIEW, verb, VersionReview.state, review.id, ReviewState(review.state), remark=remark.strip(),
        changes={**changes, "decided_at": uow.now}, item_id=review.item_id, version=review.version,
    )  # fmt: skip


def _note_reasons(note: str) -> list[Reason]:
    return remark_reasons(note, "note")


def _same_question() -> Conflict:
    return Conflict(
        Reason(
            "item.same_question", N_("同一道题在题库里只能有一份"),
            now=N_("题库里已有另一道在用的题，题干和选项与这一版相同"),
            way_out=N_("请先停用那一道，或退回这一版"),
        )
    )  # fmt: skip
