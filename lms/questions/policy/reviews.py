"""The rules of editing: every change is a new version that another person looks at before papers draw it."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from lms.core.errors import N_, Reason, Word
from lms.core.state_machine import Move, StateMachine
from lms.questions.policy.faults import fault_reason
from lms.questions.policy.items import ItemState, undeliverable
from question_bank.items import AREAS, DIFFICULTY_NAMES, Item, fingerprint
from question_bank.validation import validate_item

RULE_VERSION_MAX = 60
PLACE = ZoneInfo("Asia/Shanghai")


class ReviewState(StrEnum):
    """How far a version is on its way into papers."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


REVIEW_NAMES: Mapping[ReviewState, str] = {
    ReviewState.DRAFT: N_("待复核"),
    ReviewState.REVIEWED: N_("已复核，待批准"),
    ReviewState.APPROVED: N_("已批准"),
    ReviewState.DECLINED: N_("未通过"),
    ReviewState.WITHDRAWN: N_("已撤回"),
}
OPEN_REVIEWS = (ReviewState.DRAFT, ReviewState.REVIEWED)

REVIEW: StateMachine[ReviewState] = StateMachine(
    "question_version",
    ReviewState.DRAFT,
    {
        "review": Move((ReviewState.DRAFT,), ReviewState.REVIEWED),
        "approve": Move((ReviewState.REVIEWED,), ReviewState.APPROVED),
        "decline": Move(OPEN_REVIEWS, ReviewState.DECLINED),
        "withdraw": Move(OPEN_REVIEWS, ReviewState.WITHDRAWN),
    },
)


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything that a version says: the item, which edition of the rules it follows, and when it lapses."""

    item: Item
    rule_version: str = ""
    retire_on: date | None = None

    @property
    def mark(self) -> tuple[str, str, date | None]:
        """Return what two equal wordings have in common."""
        return (fingerprint(self.item), self.rule_version, self.retire_on)


def local_day(now: datetime) -> date:
    """Return the calendar day on which an item lapses or does not."""
    return now.astimezone(PLACE).date()


def wording_reasons(
    wording: Wording, before: Wording | None, today: date, at_hand: Container[str] = ()
) -> list[Reason]:
    """Say why a wording cannot become a version, each reason at its field.

    `before` is the version it has to differ from; `at_hand` are the keys of the pictures that the bank can show.
    """
    reasons = [fault_reason("item", fault, _field_of(fault.field)) for fault in validate_item(wording.item)]
    if not reasons and (obstacle := undeliverable(wording.item, at_hand)) is not None:
        reasons.append(
            Reason("item.undeliverable", "%(words)s", params={"words": obstacle}, field_name="stem")
        )
    if len(wording.rule_version) > RULE_VERSION_MAX:
        reasons.append(
            Reason(
                "item.rule_version", N_("规则版本最多 %(most)s 个字"), way_out=N_("请改短一些"),
                field_name="rule_version", params={"most": RULE_VERSION_MAX},
            )
        )  # fmt: skip
    if wording.retire_on is not None and wording.retire_on <= today:
        reasons.append(
            Reason(
                "item.retire_on", N_("停用日期要在今天以后"), way_out=N_("要马上停用，请在试题页上停用"),
                field_name="retire_on",
            )
        )  # fmt: skip
    if before is not None and before.mark == wording.mark:
        reasons.append(
            Reason(
                "item.unchanged",
                N_("有改动才存成新版本"),
                now=N_("内容和原来一样"),
                way_out=N_("请改动后再提交"),
            )
        )
    return reasons


def edit_reasons(state: ItemState, writer_id: str | None, actor_id: str | None) -> list[Reason]:
    """Say why somebody cannot edit an item; `writer_id` wrote the version that waits, None when none waits."""
    if state is ItemState.RETIRED:
        return [
            Reason(
                "item.retired",
                N_("停用的试题不能修改"),
                now=N_("这道题已停用"),
                way_out=N_("请先恢复使用，再修改"),
            )
        ]
    if writer_id is not None and writer_id != actor_id:
        return [
            Reason(
                "item.in_review", N_("一道题同时只有一个新版本"), now=N_("另一个人写的新版本还在复核"),
                way_out=N_("请先复核那一版：通过，或者退回"),
            )
        ]  # fmt: skip
    return []


def decide_reasons(
    verb: str, state: ReviewState, writer_id: str | None, actor_id: str | None
) -> list[Reason]:
    """Say why somebody cannot review, approve or decline a version."""
    reasons = []
    if not REVIEW.allows(verb, state):
        reasons.append(
            Reason(
                "review.state", N_("先复核，再批准；定下来的版本不再改动"),
                now=N_("这一版的状态是“%(state)s”"), way_out=N_("请刷新页面，按最新的状态办理"),
                params={"state": Word(REVIEW_NAMES[state])},
            )
        )  # fmt: skip
    if writer_id is not None and writer_id == actor_id:
        reasons.append(
            Reason(
                "review.own", N_("自己写的版本由别人复核和批准"), now=N_("这一版是您写的"),
                way_out=N_("请另一位题库管理员办理"),
            )
        )  # fmt: skip
    return reasons


def withdraw_reasons(writer_id: str | None, actor_id: str | None) -> list[Reason]:
    """Say why somebody cannot take a version back."""
    if writer_id == actor_id:
        return []
    return [
        Reason(
            "review.not_own",
            N_("只有写的人能撤回"),
            now=N_("这一版是另一个人写的"),
            way_out=N_("如不同意，请退回这一版"),
        )
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a version that differs from the one before."""

    part: str
    before: str
    after: str
    is_word: bool = False
    """Whether the values are words of the catalogue, not somebody's text."""


def changes(before: Wording, after: Wording) -> Sequence[Change]:
    """Return what is different between two wordings, part by part; the names of the parts are to be translated."""
    found = [Change(name, old, new) for name, old, new in _texts(before, after) if old != new]
    found += [Change(name, old, new, is_word=True) for name, old, new in _words(before, after) if old != new]
    old_options = {option.key: option.text for option in before.item.options}
    new_options = {option.key: option.text for option in after.item.options}
    found += [
        Change(key, old_options.get(key, ""), new_options.get(key, ""))
        for key in sorted(old_options.keys() | new_options.keys())
        if old_options.get(key) != new_options.get(key)
    ]
    return found


def answer_text(item: Item) -> str:
    """Write an item's key on one line, as forms and comparisons show it."""
    return item.blank.text if item.blank is not None else "".join(sorted(item.answer))


def _words(before: Wording, after: Wording) -> list[tuple[str, str, str]]:
    one, other = before.item, after.item
    return [
        (N_("知识领域"), AREAS.get(one.area, one.area), AREAS.get(other.area, other.area)),
        (N_("难度"), DIFFICULTY_NAMES[one.difficulty], DIFFICULTY_NAMES[other.difficulty]),
    ]


def _texts(before: Wording, after: Wording) -> list[tuple[str, str, str]]:
    one, other = before.item, after.item
    return [
        (N_("题干"), one.stem, other.stem), (N_("答案"), answer_text(one), answer_text(other)),
        (N_("解析"), one.explanation, other.explanation),
        (N_("依据"), one.source, other.source),
        (N_("规则版本"), before.rule_version, after.rule_version),
        (N_("停用日期"), str(before.retire_on or ""), str(after.retire_on or "")),
    ]  # fmt: skip


def _field_of(field: str | None) -> str:
    """Return the form's field for a fault's: option:C -> option_c, and the options as a whole -> option_a."""
    name = field or ""
    if name.startswith("option"):
        _, _, key = name.partition(":")
        return f"option_{(key or 'A').lower()}"
    return name
