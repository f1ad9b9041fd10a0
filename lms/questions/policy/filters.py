"""What the bank's list is narrowed to, for the list itself, for exports and for changing many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Self

from lms.core.errors import N_
from lms.questions.policy.items import STATE_NAMES
from question_bank.items import AREAS, DIFFICULTY_NAMES, TYPE_NAMES
from question_bank.phrases import Phrase, phrase

TEXT_MAX = 60
_CHOICES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("type", N_("题型"), {kind.value: name for kind, name in TYPE_NAMES.items()}),
    ("area", N_("知识领域"), AREAS),
    ("difficulty", N_("难度"), {level.value: name for level, name in DIFFICULTY_NAMES.items()}),
    ("state", N_("状态"), {state.value: name for state, name in STATE_NAMES.items()}),
)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items are meant; empty fields mean any."""

    text: str = ""
    type: str = ""
    area: str = ""
    difficulty: str = ""
    state: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Read a filter from an address, a form or what was stored; other names in it are ignored."""
        text = given.get("q", given.get("text", ""))
        chosen = {name: given.get(name, "")[:TEXT_MAX] for name, _, _ in _CHOICES}
        return cls(text=text.strip()[:TEXT_MAX], **chosen)

    def as_values(self) -> dict[str, str]:
        """Return the fields by name."""
        return asdict(self)

    def as_query(self) -> dict[str, str]:
        """Return what an address of the list says: only what narrows."""
        values = self.as_values()
        return {"q" if name == "text" else name: value for name, value in values.items() if value}

    def described(self) -> tuple[Phrase, ...]:
        """Say what it narrows to; nothing when it does not."""
        return tuple(self._lines())

    def _lines(self) -> Iterable[Phrase]:
        if self.text:
            yield phrase(N_("文字包含“%(text)s”"), text=self.text)
        values = self.as_values()
        for name, word, names in _CHOICES:
            if value := values[name]:
                yield phrase(
                    N_("%(name)s：%(value)s"), name=Phrase(word), value=Phrase(names.get(value, value))
                )
