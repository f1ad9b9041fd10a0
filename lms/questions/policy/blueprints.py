"""The rules of a blueprint: what a draft may hold, what publishing needs, and what the bank has for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason, Word
from lms.core.state_machine import Move, StateMachine
from lms.questions.policy.faults import fault_reason
from question_bank.items import FULL_MARK, Blueprint, BlueprintSection, Cell, Difficulty, Part
from question_bank.phrases import Phrase
from question_bank.validation import Fault, Shortage, points_text, shortages, validate_blueprint

BLUEPRINT_TITLE_MAX = 80
SECTIONS_MAX = 30
"""More than any examiner paper has: the five areas (B9) in each of the four types and some to spare."""
SECTION_COUNT_MAX = 200


class BlueprintState(StrEnum):
    """A blueprint's life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"
    DISCARDED = "discarded"


BLUEPRINT_STATE_NAMES: Mapping[BlueprintState, str] = {
    BlueprintState.DRAFT: N_("草稿"),
    BlueprintState.PUBLISHED: N_("在用"),
    BlueprintState.RETIRED: N_("已停用"),
    BlueprintState.DISCARDED: N_("已删除"),
}

BLUEPRINT: StateMachine[BlueprintState] = StateMachine(
    "blueprint",
    BlueprintState.DRAFT,
    {
        "publish": Move((BlueprintState.DRAFT,), BlueprintState.PUBLISHED),
        "discard": Move((BlueprintState.DRAFT,), BlueprintState.DISCARDED),
        "retire": Move((BlueprintState.PUBLISHED,), BlueprintState.RETIRED),
    },
)


@dataclass(frozen=True, slots=True)
class BandStock:
    """How many questions one kind of place asks for, and how many of the bank fit; no difficulty means any."""

    difficulty: Difficulty | None
    needed: int
    available: int

    @property
    def is_thin(self) -> bool:
        """Whether the bank has too few even if no other section asks for the same questions."""
        return self.available < self.needed


@dataclass(frozen=True, slots=True)
class Proof:
    """A blueprint compared with the bank: what is wrong with it, what the bank lacks, and what it has.

    `stock` stands in the order of the sections.
    """

    blueprint: Blueprint
    faults: tuple[Fault, ...]
    shortages: tuple[Shortage, ...]
    stock: tuple[tuple[BandStock, ...], ...]

    @property
    def words(self) -> tuple[Phrase, ...]:
        """Everything that keeps a paper from being drawn."""
        return (*(fault.words for fault in self.faults), *(one.words for one in self.shortages))

    def of_section(self, number: int) -> tuple[Phrase, ...]:
        """Return what concerns one section (from 1)."""
        own = tuple(fault.words for fault in self.faults if fault.field == f"section:{number}")
        return (*own, *(one.words for one in self.shortages if number in one.sections))


def prove(blueprint: Blueprint, counts: Mapping[Cell, int]) -> Proof:
    """Compare a blueprint, finished or not, with how many questions the bank has of each kind."""
    return Proof(
        blueprint, tuple(validate_blueprint(blueprint)), tuple(shortages(blueprint, counts)),
        tuple(_section_stock(number, section, counts) for number, section in enumerate(blueprint.sections)),
    )  # fmt: skip


def _section_stock(
    number: int, section: BlueprintSection, counts: Mapping[Cell, int]
) -> tuple[BandStock, ...]:
    bands: Sequence[tuple[Difficulty | None, int]] = section.spread or ((section.difficulty, section.count),)
    return tuple(
        BandStock(
            difficulty, needed,
            sum(
                count
                for cell, count in counts.items()
                if Part(number, section.type, section.area, difficulty, needed).fits(cell)
            ),
        )
        for difficulty, needed in bands
    )  # fmt: skip


def blueprint_reasons(faults: Sequence[Fault]) -> list[Reason]:
    """Turn the faults of a blueprint into reasons."""
    return [fault_reason("blueprint", fault, "sections") for fault in faults]


def draft_reasons(blueprint: Blueprint) -> list[Reason]:
    """Say what of a draft cannot be stored. It need not add up yet; publishing asks for that."""
    reasons = []
    if not blueprint.title:
        reasons.append(
            Reason(
                "blueprint.title_missing", N_("方案要有名称"), N_("没有填写"), N_("例如：考评员考试（100 分）"),
                field_name="title",
            )
        )  # fmt: skip
    elif len(blueprint.title) > BLUEPRINT_TITLE_MAX:
        reasons.append(
            Reason(
                "blueprint.title_long", N_("名称不超过 %(limit)s 个字"), NN_("您填写了 %(length)s 个字", "length"),
                N_("请缩短"), params={"limit": BLUEPRINT_TITLE_MAX, "length": len(blueprint.title)},
                field_name="title",
            )
        )  # fmt: skip
    if len(blueprint.sections) > SECTIONS_MAX:
        reasons.append(
            Reason(
                "blueprint.sections_many", N_("一个方案最多 %(limit)s 个大题"), way_out=N_("请合并或删去一些大题"),
                params={"limit": SECTIONS_MAX}, field_name="sections",
            )
        )  # fmt: skip
    for number, section in enumerate(blueprint.sections, start=1):
        reasons += _bound_reasons(number, section)
    return reasons


def _bound_reasons(number: int, section: BlueprintSection) -> list[Reason]:
    bounds = (
        ("count", section.count, SECTION_COUNT_MAX, str, N_("每个大题最多 %(most)s 题")),
        ("points", section.points_each, FULL_MARK, points_text, N_("每题最多 %(most)s 分")),
    )
    return [
        Reason(
            f"blueprint.{field}_bounds", rule, N_("您填写的是 %(value)s"), N_("请改小"), source="B4",
            params={"most": write(most), "value": write(value)}, field_name=f"section:{number}:{field}",
        )
        for field, value, most, write, rule in bounds
        if value > most
    ]  # fmt: skip


def blueprint_verb_reasons(verb: str, state: BlueprintState) -> list[Reason]:
    """Say why a blueprint cannot be edited, published, discarded or retired in its state."""
    fits = state is BlueprintState.DRAFT if verb == "edit" else BLUEPRINT.allows(verb, state)
    if fits:
        return []
    if verb == "retire":
        return [
            Reason(
                "blueprint.not_published", N_("在用的方案才能停用"), N_("这个方案的状态是“%(state)s”"),
                N_("请刷新页面，按最新的状态办理"), params={"state": Word(BLUEPRINT_STATE_NAMES[state])},
            )
        ]  # fmt: skip
    return [
        Reason(
            "blueprint.not_draft", N_("只有草稿可以修改、发布或删除；方案发布后内容固定，计划以此为准"),
            N_("这个方案的状态是“%(state)s”"), N_("要改动，请复制成新的草稿"),
            params={"state": Word(BLUEPRINT_STATE_NAMES[state])},
        )
    ]  # fmt: skip


def blueprint_base_reasons(base: int, revision: int) -> list[Reason]:
    """Say why a page that shows an older writing of a draft cannot write or publish it."""
    if base == revision:
        return []
    return [
        Reason(
            "blueprint.newer", N_("修改从最新的内容开始"), N_("您打开页面以后，这个草稿又有了改动"),
            N_("请在另一个窗口打开这个方案，看过最新的内容再改"),
        )
    ]  # fmt: skip


def blueprint_publish_reasons(state: BlueprintState, proof: Proof, namesake: str | None) -> list[Reason]:
    """Say everything that is missing before a draft may be published: the page and the service ask here.

    `namesake` is the code of a published blueprint with the same title.
    """
    reasons = [*blueprint_verb_reasons("publish", state), *blueprint_reasons(proof.faults)]
    reasons += [
        Reason("blueprint.shortage", "%(words)s", source="B5", params={"words": one.words}, field_name="sections")
        for one in proof.shortages
    ]  # fmt: skip
    if namesake is not None:
        reasons.append(
            Reason(
                "blueprint.title_taken", N_("在用的方案不能重名，制定计划的人凭名称选择"),
                N_("代号 %(code)s 的方案在用，名称相同"), N_("请改名称，或先停用那一个方案"),
                params={"code": namesake}, field_name="title",
            )
        )  # fmt: skip
    return reasons
