"""The rules of layouts: the words and pictures that an administrator gives the certificate, in versions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason, Word
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import LEVEL_NAMES

LEVEL_MARK = "【级别】"
ISSUER_MARK = "【发证机关】"
FIRST_VERSION = 0
"""What is printed before anybody published a layout: the words of this module, and no pictures."""
PICTURE_MAX_BYTES = 300 * 1024
PICTURE_SIDE = 480
"""Pixels a stored picture has at the most on each side: 40 mm at 300 dots per inch."""
LONGEST = {"over": 24, "title": 12, "statement": 80, "issuer": 30}
"""How many signs fit their place on the sheet (templates/certificates/certificate.html), the marks filled in."""
_LONGEST_LEVEL = max(LEVEL_NAMES.values(), key=len)


class LayoutState(StrEnum):
    """The life of a layout: what was published is never changed."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


LAYOUT: StateMachine[LayoutState] = StateMachine(
    "certificate_layout",
    LayoutState.DRAFT,
    {
        "edit": Move((LayoutState.DRAFT,), LayoutState.DRAFT),
        "publish": Move((LayoutState.DRAFT,), LayoutState.PUBLISHED),
        "discard": Move((LayoutState.DRAFT,), LayoutState.DISCARDED),
    },
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a layout; `【级别】` and `【发证机关】` stand for what differs from sheet to sheet."""

    over: str
    title: str
    statement: str
    issuer: str

    def filled(self, level: str, issuer: str) -> "Wording":
        """Return the words as one certificate prints them."""
        return Wording(
            self.over,
            self.title.replace(LEVEL_MARK, level),
            self.statement.replace(LEVEL_MARK, level),
            self.issuer.replace(ISSUER_MARK, issuer),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout as pages and the printer see it; `version` is None until it is published."""

    id: str
    version: int | None
    state: LayoutState
    wording: Wording
    logo_key: str | None
    stamp_key: str | None
    edition: int
    sample_key: str | None
    """The sample of this very edition, once it is drawn."""
    created_by: str | None
    created_at: datetime
    published_by: str | None
    published_at: datetime | None


def first_wording(province_name: str) -> Wording:
    """Return the words before anybody published others."""
    return Wording(
        f"{province_name}技能人才评价",
        f"{LEVEL_MARK}证书",
        f"同志，参加{LEVEL_MARK}培训并经考核合格，具备{LEVEL_MARK}资格，"
        "可从事下列职业（工种）和等级的技能人才评价考评工作。",
        ISSUER_MARK,
    )


_FIELD_NAMES = {
    "over": N_("标题上方的一行"),
    "title": N_("标题"),
    "statement": N_("姓名后面的正文"),
    "issuer": N_("落款"),
}


def wording_reasons(wording: Wording) -> list[Reason]:
    """Say what does not fit the sheet, or leaves out what a certificate has to say."""
    filled = wording.filled(_LONGEST_LEVEL, "")
    reasons = [
        Reason(
            "layout.length", N_("“%(what)s”为 1 至 %(limit)s 个字"), now=NN_("现在有 %(length)s 个字", "length"),
            way_out=N_("请改短或补全，【】里的内容按实际打印的字计"), field_name=name,
            params={"what": Word(_FIELD_NAMES[name]), "limit": limit, "length": len(getattr(filled, name))},
        )
        for name, limit in LONGEST.items()
        if not getattr(wording, name) or len(getattr(filled, name)) > limit
    ]  # fmt: skip
    for name, mark in (("title", LEVEL_MARK), ("issuer", ISSUER_MARK)):
        if mark not in getattr(wording, name):
            reasons.append(
                Reason(
                    "layout.mark", N_("“%(what)s”里要有%(mark)s"), now=N_("现在没有"),
                    way_out=N_("打印时会换成每张证书自己的内容"), field_name=name,
                    params={"what": Word(_FIELD_NAMES[name]), "mark": mark},
                )
            )  # fmt: skip
    return reasons


def publish_reasons(layout: Layout, missing: str) -> list[Reason]:
    """Say why a draft cannot be published; `missing` are signs of its words that no certificate font has."""
    reasons = []
    if missing:
        reasons.append(
            Reason(
                "layout.glyphs", N_("证书上的每个字都要能打印"), now=N_("字库里没有这些字：%(points)s"),
                way_out=N_("请换用其他字"), params={"points": " ".join(f"U+{ord(sign):04X}" for sign in missing)},
            )
        )  # fmt: skip
    if layout.sample_key is None:
        reasons.append(
            Reason(
                "layout.sample", N_("看过样张之后才能发布"), now=N_("这一稿的样张还没有制好"),
                way_out=N_("请等几秒刷新本页，打开样张看一看"),
            )
        )  # fmt: skip
    return reasons


def picture_refused(now: str, **params: object) -> Reason:
    """Say that a file is no picture a certificate can carry; `now` is a text of the catalogue."""
    return Reason(
        "layout.picture", N_("图片须是 PNG，不超过 %(limit)s KB"), now=now,
        way_out=N_("请另存为 PNG，背景可以透明"), params={"limit": PICTURE_MAX_BYTES // 1024, **params},
    )  # fmt: skip
