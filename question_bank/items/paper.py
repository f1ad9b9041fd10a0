"""What a drawn paper is: the half that is shown, the half that is kept secret, and the hash over both."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from question_bank.items.blank import Blank
from question_bank.items.canonical import canonical_json
from question_bank.items.question import ItemId, ItemType


@dataclass(frozen=True, slots=True)
class PaperOption:
    """An option as shown on one paper.

    `id` is an opaque token of this paper alone, `label` the shown letter.
    """

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """One question as the candidate sees it. `position` counts from 1, `points` are hundredths of a point.

    A fill-in question has no options: the candidate writes one line, which is to be a number where
    `wants_number`.
    """

    position: int
    type: ItemType
    stem: str
    options: tuple[PaperOption, ...]
    points: int
    partial_credit: bool
    wants_number: bool = False


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What the grader knows about one question; never sent to a candidate.

    `correct` and `shown` are option ids of the paper; a fill-in question has none, and its key is `blank`.
    `item_fingerprint` names the exact version of the item.
    """

    position: int
    item_id: ItemId
    item_fingerprint: str
    correct: frozenset[str]
    shown: frozenset[str]
    points: int
    partial_credit: bool
    blank: Blank | None = None


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """What a paper was drawn from, so that the seed can draw it again; as secret as the key.

    `method` names the procedure and its version. `stock` is the digest of the items that could be drawn,
    `stock_size` their number. `avoided` are the items that were to be avoided, `shown` how often the items
    that were compared with one another had been shown before.
    """

    method: str
    stock: str
    stock_size: int
    avoided: tuple[ItemId, ...] = ()
    shown: tuple[tuple[ItemId, int], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the record as plain JSON values."""
        return {
            "method": self.method,
            "stock": self.stock,
            "stock_size": self.stock_size,
            "avoided": list(self.avoided),
            "shown": [[item_id, count] for item_id, count in self.shown],
        }


@dataclass(frozen=True, slots=True)
class PaperKey:
    """The secret half of a paper, in the order of its questions.

    `draw` is None on papers that were drawn before draws left a record.
    """

    entries: tuple[KeyEntry, ...]
    draw: DrawRecord | None = None

    @property
    def total_points(self) -> int:
        """The full mark of the paper, in hundredths of a point."""
        return sum(entry.points for entry in self.entries)

    def to_json(self) -> dict[str, object]:
        """Return the key as plain JSON values, always in the same order for the same key."""
        entries: dict[str, object] = {
            "entries": [
                {
                    "position": entry.position,
                    "item_id": entry.item_id,
                    "item_fingerprint": entry.item_fingerprint,
                    "correct": sorted(entry.correct),
                    "shown": sorted(entry.shown),
                    "points": entry.points,
                    "partial_credit": entry.partial_credit,
                    # Only then, so that the hashes of stored papers without such questions stay as they are.
                    **({} if entry.blank is None else {"blank": entry.blank.to_json()}),
                }
                for entry in self.entries
            ]
        }
        return entries if self.draw is None else {**entries, "draw": self.draw.to_json()}


@dataclass(frozen=True, slots=True)
class Paper:
    """One drawn paper: what is shown, its key, the seed it was drawn from and the hash of its content.

    `seed` can rebuild the paper and so gives away the key: keep it with the key.
    """

    questions: tuple[PaperQuestion, ...]
    key: PaperKey
    seed: str
    content_hash: str

    @property
    def total_points(self) -> int:
        """The full mark of the paper, in hundredths of a point."""
        return self.key.total_points

    @property
    def item_ids(self) -> tuple[ItemId, ...]:
        """The items on this paper in order, for the `avoid` of the next draw."""
        return tuple(entry.item_id for entry in self.key.entries)

    def public_view(self) -> dict[str, object]:
        """Return what the candidate may see, as plain JSON values.

        It holds no key, item, explanation, seed or hash.
        """
        return questions_to_json(self.questions)


def paper_content_hash(public: Mapping[str, object], key: Mapping[str, object]) -> str:
    """Return the SHA-256 (64 hex digits) over both stored halves of a paper."""
    return hashlib.sha256(canonical_json({"public": public, "key": key})).hexdigest()


def questions_to_json(questions: tuple[PaperQuestion, ...]) -> dict[str, object]:
    """Return shown questions as plain JSON values; the way back is `paper_json.questions_from_json`."""
    return {
        "questions": [
            {
                "position": question.position,
                "type": question.type.value,
                "stem": question.stem,
                "options": [
                    {"id": option.id, "label": option.label, "text": option.text}
                    for option in question.options
                ],
                "points": question.points,
                "partial_credit": question.partial_credit,
                # Only then, so that the hashes of papers that were stored before stay as they are.
                **({"wants_number": True} if question.wants_number else {}),
            }
            for question in questions
        ]
    }
