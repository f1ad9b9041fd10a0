"""What belongs into the gap of a fill-in item, and when a written answer does."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

ALTERNATIVES_SIGN = "|"
"""Stands between the texts that are all right, wherever a blank is written on one line."""

TOLERANCE_SIGN = "±"
"""Stands between a number and its tolerance, and says that the answer is a number at all."""

NUMBER_DIGITS_MAX = 20

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
# More digits than two numbers of the longest kind can differ by, so that no comparison is ever rounded.
_EXACT = Context(prec=4 * NUMBER_DIGITS_MAX)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that counts as right, and how far an answer may be off it; both ends are still right."""

    value: Decimal
    tolerance: Decimal = _ZERO

    def accepts(self, written: Decimal) -> bool:
        """Tell whether `written` is near enough."""
        return abs(_EXACT.subtract(written, self.value)) <= self.tolerance

    @property
    def text(self) -> str:
        """The number as it is written on one line: 3.14±0.01."""
        return f"{plain_decimal(self.value)}{TOLERANCE_SIGN}{plain_decimal(self.tolerance)}"


@dataclass(frozen=True, slots=True)
class Blank:
    """The key of a fill-in item: texts of which any is right, or numbers of which any is right.

    The first one is shown as the answer. Capital and small letters are the same unless `case_matters`;
    full-width and half-width signs always are, and so are runs of spaces.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    case_matters: bool = False

    def accepts(self, answer: str) -> bool:
        """Tell whether a candidate's answer fills the gap."""
        if self.numbers:
            written = read_decimal(answer)
            return written is not None and any(number.accepts(written) for number in self.numbers)
        said = self.folded(answer)
        return bool(said) and any(self.folded(text) == said for text in self.texts)

    def folded(self, text: str) -> str:
        """Return the form in which texts are compared."""
        half = " ".join(unicodedata.normalize("NFKC", text).split())
        return half if self.case_matters else half.casefold()

    @property
    def text(self) -> str:
        """The blank on one line, as tables and pages write it: 三人|3人, or 3.14±0.01."""
        return ALTERNATIVES_SIGN.join([*self.texts, *(number.text for number in self.numbers)])

    def to_json(self) -> dict[str, object]:
        """Return the blank as plain JSON values; the way back is `blank_from_json`."""
        return {
            "texts": list(self.texts),
            "numbers": [[plain_decimal(one.value), plain_decimal(one.tolerance)] for one in self.numbers],
            "case_matters": self.case_matters,
        }


def blank_from_json(value: object) -> Blank:
    """Rebuild a blank from `Blank.to_json`; raises `ValueError` for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("case_matters"), bool):
        raise ValueError("not a blank")  # noqa: TRY004 - one exception for damaged JSON, whatever is wrong
    texts, numbers = value.get("texts"), value.get("numbers")
    if not isinstance(texts, list) or not isinstance(numbers, list):
        raise ValueError("not a blank")  # noqa: TRY004 - for the reason above
    return Blank(
        tuple(_text(text) for text in texts),
        tuple(Number(_decimal(number), _decimal(tolerance)) for number, tolerance in numbers),
        value["case_matters"],
    )


def read_decimal(text: str) -> Decimal | None:
    """Return the number a person wrote, or None when it is none: １２.５, 1,200 and −3 are numbers, 3人 is not."""
    if len(text) > 2 * NUMBER_DIGITS_MAX:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if not plain.isascii() or not _NUMBER.fullmatch(plain) or not any(sign.isdigit() for sign in plain):
        return None
    number = Decimal(plain.replace(",", ""))
    return number if len(number.as_tuple().digits) <= NUMBER_DIGITS_MAX else None


def plain_decimal(number: Decimal) -> str:
    """Write a number without exponent and without zeros at its end, the same for equal numbers."""
    written = f"{number:f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if number == 0 else written


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - one exception for damaged JSON, whatever is wrong
    return value


def _decimal(value: object) -> Decimal:
    number = read_decimal(_text(value))
    if number is None:
        raise ValueError("not a number")
    return number
