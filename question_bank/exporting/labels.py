"""What the formats of other systems have no field for, written where those systems keep free labels."""

from question_bank.exporting.losses import Fate, Losses
from question_bank.items import DIFFICULTY_NAMES, Item
from question_bank.phrases import N_, phrase

TAG_MAX = 50
"""Moodle cuts longer tags."""


def tags(item: Item, losses: Losses, forbidden: str = "\n") -> list[str]:
    """Return the tags that carry the difficulty and the source of an item, in the words our own import reads.

    A source with one of the `forbidden` signs cannot be a tag.
    """
    losses.add("difficulty", Fate.MOVED, phrase(N_("难度没有专门的字段，写成标签")))
    written = [f"难度:{DIFFICULTY_NAMES[item.difficulty]}"]
    if not item.source:
        return written
    tag = f"依据:{item.source}"
    if len(tag) > TAG_MAX or any(sign in tag for sign in forbidden):
        what = N_("依据没有专门的字段，也写不进标签（超过 %(most)s 字，或有不能写的字符）")
        losses.add("source", Fate.LOST, phrase(what, most=TAG_MAX))
        return written
    losses.add("source", Fate.MOVED, phrase(N_("依据没有专门的字段，写成标签")))
    return [*written, tag]


def share(right: int) -> str:
    """Return what one of several right options is worth, in percent as Moodle knows it: 50, 33.33333, …, 12.5."""
    return f"{100 / right:.5f}".rstrip("0").rstrip(".")


def name_shared_points(losses: Losses) -> None:
    """Note that Moodle gives part of the points for some of the right options."""
    what = N_("Moodle 的多选题按选对的份额给分、选错一项不得分，不能规定全对才给分")
    losses.add("all_or_nothing", Fate.LOST, phrase(what))


def name_strict_texts(item: Item, losses: Losses) -> None:
    """Note that others compare written answers more strictly than we do."""
    if item.blank is not None and item.blank.texts:
        what = N_("填空答案的全角、半角和多余的空格，别的系统会当作不同的答案")
        losses.add("written_width", Fate.LOST, phrase(what))
