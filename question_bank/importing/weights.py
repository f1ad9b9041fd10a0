"""From the weights that learning platforms give to options to a key: which options are right, and what is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from question_bank.items import ItemType
from question_bank.phrases import N_, Phrase, phrase

FULL = Decimal(100)
# Thirds and sevenths are written with five digits, and some programs write 33 for a third.
_ROUNDING = Decimal("1.5")
PARTIAL_LOST = phrase(N_("部分得分的选项权重"))
NEGATIVE_LOST = phrase(N_("选错倒扣的权重"))


@dataclass(slots=True)
class WeightedKey:
    """The places of the right options from 0, or the reason why there is no certain key."""

    type: ItemType = ItemType.SINGLE
    right: set[int] = field(default_factory=set)
    reason: Phrase | None = None
    doubt: Phrase | None = None
    losses: list[Phrase] = field(default_factory=list)


def weighted_key(weights: Sequence[Decimal], *, single: bool | None) -> WeightedKey:
    """Return the key that `weights` (in per cent) say; `single` is None where the file does not say it.

    A single choice has exactly one option of full weight. In a multiple choice the right options are those
    that earn anything, and together they earn everything.
    """
    key = WeightedKey()
    full = {place for place, weight in enumerate(weights) if weight == FULL}
    earning = {place for place, weight in enumerate(weights) if weight > 0}
    if any(weight < 0 for weight in weights):
        key.losses.append(NEGATIVE_LOST)
    if single is True or (single is None and len(full) == 1):
        if len(full) != 1:
            key.reason = phrase(
                N_("单选题要有且只有 1 个满分选项，这里有 %(count)s 个。请改权重。"), count=len(full)
            )
        if earning - full:
            key.losses.append(PARTIAL_LOST)
        key.right = full
        key.losses = [] if key.reason else key.losses
        return key
    key.type = ItemType.MULTIPLE
    key.right = earning
    total = sum((weights[place] for place in earning), Decimal(0))
    if full == earning and len(full) > 1:
        key.doubt = phrase(
            N_("%(count)s 个选项都写着满分，按“全部选对才得分”的多选题读入。请核对答案。"), count=len(full)
        )
    elif abs(total - FULL) > _ROUNDING:
        key.reason = phrase(
            N_("多选题各正确选项的权重合计应为 100%%，这里是 %(total)s%%。请改权重。"), total=str(total)
        )
    if len({weights[place] for place in earning}) > 1:
        key.losses.append(PARTIAL_LOST)
    key.losses = [] if key.reason else key.losses
    return key
