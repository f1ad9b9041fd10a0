"""What an entry is found by, and what a searched word means. Pure.

An entry is found by any part of its holder's name that a searched word begins: every *rest* of the name is written
down once (张伟明, 伟明, 明), and a word is looked up as the beginning of one of them. So two characters anywhere in
the name, one character and the whole name are the same stretch of one index, with no false hits and nothing to
intersect. The same is done with the readings, whose syllables are parted by a blank (zhang wei ming, wei ming, ming);
the blank sorts before every letter, so "li" begins with 李 and not with 梁.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, pinyin

from lms.certificates.numbers import CertificateNumber, normalise_number

GRAM_LENGTH = 64
"""What is longer is found by its beginning."""
MOST_READINGS = 12
"""How many ways to read one name are written down."""
GIVEN_READINGS = 2
"""Of a character behind the surname only the readings in use; rare ones would find the wrong people."""
READ_ONE_WAY = frozenset("王吴朱许冯邓彭董潘于蔡余杜叶丁任沈姚陆汪石贾夏方白尹陶郝莫汤施")
"""Common surnames whose other readings belong to other words: nobody looks for 王 under "yu"."""
MOST_SEGMENTATIONS = 4
MOST_SOUGHT = 60
"""Letters of a searched word; nobody's name is longer."""
MOST_INITIALS = 8
INITIALS_MARK = ":"
TAIL_MARK = "#"
AFTER_ALL = "\U0010ffff"
"""Sorts behind every continuation of a beginning."""

_DOTS = re.compile(r"[\s·•‧・∙.'’-]")
_FINALS = (
    "a o e i u v ai ei ao ou an en ang eng ong er"
    " ia ie iao iu ian in iang ing iong ua uo uai ui uan un uang ue ve van vn"
).split()
_INITIALS = ("", *"zh ch sh b p m f d t n l g k h j q x r z c s y w".split())
SYLLABLES = frozenset(first + rest for first in _INITIALS for rest in _FINALS)
_STARTS = frozenset(syllable[:end] for syllable in SYLLABLES for end in range(1, len(syllable) + 1))
_LONGEST = max(map(len, SYLLABLES))
Gram = tuple[str, int]
"""A text and the place in the name at which it begins."""


def fold(text: str) -> str:
    """Fold what does not part two names: widths, case, blanks, and the dots of transcribed names."""
    return _DOTS.sub("", unicodedata.normalize("NFKC", text).casefold())


def grams_of(name: str, numbers: Iterable[str]) -> frozenset[Gram]:
    """Return every text under which an entry is found: rests of name and readings, initials, numbers both ways."""
    return name_grams(name) | {
        gram for number in numbers for gram in ((number, 0), (TAIL_MARK + number[::-1], 0))
    }


def name_grams(name: str) -> frozenset[Gram]:
    """Return the texts under which a name is found."""
    folded = fold(name)
    found = {(folded[start:][:GRAM_LENGTH], start) for start in range(len(folded))}
    for reading in readings_of(name):
        found.update((" ".join(reading[start:])[:GRAM_LENGTH], start) for start in range(len(reading)))
        found.add((INITIALS_MARK + "".join(syllable[0] for syllable in reading)[:MOST_INITIALS], 0))
    return frozenset(found)


def readings_of(name: str) -> list[tuple[str, ...]]:
    """Return the ways to read a name, each a tuple of syllables without tones; a surname is read in every way.

    A word in Latin letters counts as one syllable; a character nobody can read is passed over.
    """
    parts: list[tuple[str, ...]] = []
    for word in re.findall(r"[a-z]+|[^a-z\s]", unicodedata.normalize("NFKC", name).casefold()):
        ways = (word,) if word.isascii() and word.isalpha() else _readings(word)
        if ways:
            most = 1 if word in READ_ONE_WAY and not parts else GIVEN_READINGS if parts else None
            parts.append(ways[:most])
    return list(islice(product(*parts), MOST_READINGS)) if parts else []


@lru_cache(maxsize=32_768)
def _readings(sign: str) -> tuple[str, ...]:
    found = pinyin(sign, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(way for way in found[0] if way.isascii() and way.isalpha()) if found else ()


def beginnings(words: str) -> list[str]:
    """Return the beginnings that a searched word stands for, the likeliest first; empty for an empty word.

    Digits are the beginning or the end of a certificate's number; letters are a name in Latin letters, syllables
    with or without blanks, or initials.
    """
    words = words[:MOST_SOUGHT]
    number = normalise_number(words)
    if number.isascii() and number.isdigit():
        if CertificateNumber.parse(number):
            return [number]
        return [number, TAIL_MARK + number[::-1]]
    folded = fold(words)
    if not folded:
        return []
    found = [folded[:GRAM_LENGTH]]
    plain = re.sub(
        r"[\s'’-]+", " ", unicodedata.normalize("NFKC", words).casefold().replace("ü", "v")
    ).strip()
    letters = plain.replace(" ", "")
    if letters.isascii() and letters.isalpha():
        by_length = sorted(islice(_segmented(plain), 4 * MOST_SEGMENTATIONS), key=len)
        found += [" ".join(one)[:GRAM_LENGTH] for one in by_length[:MOST_SEGMENTATIONS]]
        if len(letters) <= MOST_INITIALS:
            found.append(INITIALS_MARK + letters)
    return list(dict.fromkeys(found))


def _segmented(text: str) -> Iterator[tuple[str, ...]]:
    """Cut letters into syllables in every way; the last one may be unfinished, a blank always parts two.

    Worked out from the end, so that letters which cannot be cut at all are seen as quickly as any others.
    """
    length = len(text)
    after: dict[int, list[tuple[int, str]]] = {}
    for start in range(length - 1, -1, -1):
        for end in range(start + 1, min(start + _LONGEST, length) + 1):
            piece = text[start:end]
            onward = end + 1 if text[end : end + 1] == " " else end
            if (end == length and piece in _STARTS) or (piece in SYLLABLES and onward in after):
                after.setdefault(start, []).insert(0, (onward, piece))

    def along(start: int) -> Iterator[tuple[str, ...]]:
        for onward, piece in after.get(start, ()):
            if onward == length:
                yield (piece,)
            else:
                yield from ((piece, *rest) for rest in along(onward))

    return along(0)


def day_of(text: str) -> date | None:
    """Read a day as addresses name it (2027-03-31), or None when it is none."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None
