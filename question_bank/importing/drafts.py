"""Questions of files that are no tables: gathered as drafts, and settled into items or faults."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from question_bank.importing.pictures import Pictures
from question_bank.importing.repeats import named_place, without_repeats
from question_bank.importing.report import LOST, UNSUPPORTED, Ignored, ImportReport, LocatedItem
from question_bank.importing.words import truth_of
from question_bank.items import (
    FALSE_KEY,
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    TRUE_KEY,
    Blank,
    Difficulty,
    Item,
    ItemType,
    Option,
    area_names,
)
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault, Where, tidy_text, validate_item

_PLACES_SHOWN = 5


@dataclass(slots=True)
class Draft:
    """One question as its file tells it.

    `right` holds the places of the right options, from 0. A true/false question may have its `truth` instead
    of options. `type` of None leaves it to the options and answers.
    """

    row: int
    type: ItemType | None = None
    stem: str = ""
    options: list[str] = field(default_factory=list)
    right: set[int] = field(default_factory=set)
    truth: bool | None = None
    blank: Blank | None = None
    explanation: str = ""
    area: str | None = None
    difficulty: Difficulty | None = None
    source: str = ""
    source_id: str = ""
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, code: str, what: Phrase, about: str | None = None, value: str | None = None) -> None:
        """Note why the question cannot come in."""
        self.faults.append(Fault(code, what, about, value=value))


class Gathering:
    """Gathers what is read of one file (or of each file of a package) into a report.

    `where` is what kind of places it has: see `Fault`.
    """

    def __init__(
        self,
        sheet: str,
        default_area: str | None,
        default_difficulty: Difficulty,
        *,
        where: Where = Where.FILE,
        named: bool = False,
    ) -> None:
        self.sheet = sheet
        self.named = named
        self.pictures = Pictures()
        self._where = where
        self._default_area = default_area
        self._default_difficulty = default_difficulty
        self._items: list[LocatedItem] = []
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []
        self._ignored: list[Ignored] = []
        self._losses: dict[Phrase, dict[tuple[str, int], None]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been found so far that was meant as a question."""
        return not (self._items or self._faults)

    def take(self, draft: Draft) -> None:
        """Settle one question."""
        faults = list(draft.faults)
        area = draft.area or self._default_area
        if area is None:
            text = N_("没有知识领域。请在上传时选一个默认的知识领域，或在文件里写明：%(names)s。")
            what = phrase(text, names=area_names())
            faults.append(Fault("area_unknown", what, "area"))
        if not faults:
            item = _item(draft, area or "", draft.difficulty or self._default_difficulty)
            faults = validate_item(item)
            if not faults:
                self._items.append(LocatedItem(item, self.sheet, draft.row, draft.source_id))
        self._faults += [self._located(fault, draft.row) for fault in faults]

    def refuse(self, row: int, code: str, what: Phrase, value: str | None = None) -> None:
        """Note a place that was meant as a question and cannot be one."""
        self._faults.append(self._located(Fault(code, what, value=value), row))

    def unsupported(self, row: int, name: str | Phrase) -> None:
        """Note a question of a type that the bank does not have."""
        written = name.say() if isinstance(name, Phrase) else name
        what = phrase(
            N_("题型“%(name)s”不支持。请改为单选题、多选题、判断题或填空题，或删去这一题。"), name=name
        )
        self._faults.append(self._located(Fault(UNSUPPORTED, what, "type", value=written), row))

    def warn(self, row: int, code: str, what: Phrase) -> None:
        """Note a place that came in and deserves a look."""
        self._warnings.append(self._located(Fault(code, what), row))

    def lose(self, row: int, things: Iterable[Phrase]) -> None:
        """Note what the file carries here and the bank does not."""
        for thing in sorted(things, key=Phrase.say):
            self._losses.setdefault(thing, {})[self.sheet, row] = None

    def ignore(self, row: int | None, reason: Phrase) -> None:
        """Note something that was read past on purpose."""
        self._ignored.append(Ignored(self.sheet, row, reason))

    def report(self, format_: Phrase) -> ImportReport:
        """Return everything, without questions that stand there twice."""
        repeats = without_repeats(self._items, self._where)
        return ImportReport(
            tuple(repeats.kept),
            tuple(
                sorted(
                    [*self._faults, *repeats.faults], key=lambda fault: (fault.sheet or "", fault.row or 0)
                )
            ),
            tuple(self._ignored),
            (*self._warnings, *repeats.warnings, *self._lost()),
            self.pictures.files,
            format_,
        )

    def _located(self, fault: Fault, row: int) -> Fault:
        return fault.located(
            row=row,
            sheet=self.sheet if self.named else None,
            value=fault.value,
            where=self._where,
        )

    def _lost(self) -> list[Fault]:
        faults = []
        for number, (thing, found) in enumerate(self._losses.items(), start=1):
            places = list(found)
            shown = tuple(
                named_place(row, sheet if self.named else None, self._where)
                for sheet, row in places[:_PLACES_SHOWN]
            )
            text = N_("%(thing)s没有导入，共 %(count)s 处：%(places)s。")
            if len(places) > _PLACES_SHOWN:
                text = N_("%(thing)s没有导入，共 %(count)s 处：%(places)s等。")
            what = phrase(text, thing=thing, count=len(places), places=shown)
            faults.append(Fault(f"{LOST}{number}", what))
        return faults


def kind_of(options: list[str]) -> ItemType | None:
    """Return TRUE_FALSE when two options say right and wrong and nothing else, or None."""
    said = [truth_of(text) for text in options]
    return ItemType.TRUE_FALSE if len(said) == len(TRUE_FALSE_OPTIONS) and {*said} == {True, False} else None


def _item(draft: Draft, area: str, difficulty: Difficulty) -> Item:
    type_ = draft.type or kind_of(draft.options) or _choice_type(draft)
    options: tuple[Option, ...] = ()
    answer = frozenset(_key(place) for place in draft.right)
    if type_ is ItemType.TRUE_FALSE:
        options, answer = _judged(draft)
    elif type_ is not ItemType.FILL_IN:
        options = tuple(Option(_key(place), tidy_text(text)) for place, text in enumerate(draft.options))
    return Item(
        type=type_,
        stem=tidy_text(draft.stem),
        options=options,
        answer=answer,
        explanation=tidy_text(draft.explanation),
        area=area,
        difficulty=difficulty,
        source=tidy_text(draft.source),
        blank=draft.blank,
    )


def _choice_type(draft: Draft) -> ItemType:
    if draft.blank is not None:
        return ItemType.FILL_IN
    if draft.truth is not None:
        return ItemType.TRUE_FALSE
    return ItemType.MULTIPLE if len(draft.right) > 1 else ItemType.SINGLE


def _judged(draft: Draft) -> tuple[tuple[Option, ...], frozenset[str]]:
    if draft.options and kind_of(draft.options) is None:
        # Validation names what is wrong with them.
        return tuple(Option(_key(place), text) for place, text in enumerate(draft.options)), frozenset()
    said = (
        {draft.truth}
        if draft.truth is not None
        else {truth_of(draft.options[place]) for place in draft.right}
    )
    return TRUE_FALSE_OPTIONS, frozenset(TRUE_KEY if one else FALSE_KEY for one in said)


def _key(place: int) -> str:
    # Past the letters there is the at sign, which validation refuses with the rest.
    return OPTION_KEYS[place] if place < len(OPTION_KEYS) else chr(ord("A") + place)
