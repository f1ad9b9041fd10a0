"""Comparing the rows of an earlier register with what is known here: new, known, in conflict or faulty. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lms.registry.policy.imports import RegisterRow, RowFault, RowVerdict


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows already of those whom a file names. Keys are blind indexes, never ID numbers."""

    indexes: dict[str, str]
    """ID number -> its blind index."""
    holders: dict[str, tuple[str, str]]
    """Index -> the person and the name under which he is known."""
    numbers: dict[str, tuple[str, str, str, str]]
    """Certificate number -> index, edition, code and level of its holder's standing."""
    standings: frozenset[tuple[str, str, str, str]]
    issuers: dict[str, tuple[str, str, bool]]
    """Code or name -> organisation's id, its name, and whether it lies within the scope of who asked."""
    occupations: dict[tuple[str, str], str]
    """Edition and name -> code."""


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row with what is said of it; a new one has everything that is entered."""

    row: RegisterRow
    verdict: RowVerdict
    faults: tuple[RowFault, ...]
    index: str = ""
    person_id: str = ""
    """Who holds the ID number already, if anybody does."""
    code: str = ""
    issuer_id: str = ""
    issuer_name: str = ""


def judge(rows: Sequence[RegisterRow], known: Known) -> Iterator[JudgedRow]:
    """Say of each row whether it is new, known, in conflict or faulty."""
    by_number: dict[str, int] = {}
    by_standing: dict[tuple[str, str, str, str], int] = {}
    names = {index: name for index, (_person, name) in known.holders.items()}
    for row in rows:
        faults = list(row.faults)
        code = row.occupation_code or known.occupations.get((row.edition, row.occupation_name), "")
        if row.occupation_name and not code:
            faults.append(row.fault("occupation", "occupation_unknown"))
        issuer = _issuer(row, known)
        if row.number and issuer is None:
            faults.append(row.fault("issuer" if row.texts.get("issuer") else "number", "issuer_unknown"))
        elif issuer and not issuer[2]:
            faults.append(row.fault("number", "issuer_beyond"))
        if faults or row.identity is None or row.number is None or row.valid_until is None or issuer is None:
            yield JudgedRow(row, RowVerdict.FAULTY, tuple(faults))
            continue
        index = known.indexes[row.identity.number]
        standing = (index, row.edition, code, row.number.level.value)
        number = str(row.number)
        if known.numbers.get(number) == standing and names.get(index) == row.texts["name"]:
            yield JudgedRow(row, RowVerdict.KNOWN, ())
            continue
        against: list[RowFault] = []
        if number in known.numbers:
            against.append(row.fault("number", "number_taken"))
        elif standing in known.standings:
            against.append(row.fault("occupation", "standing_taken"))
        if names.setdefault(index, row.texts["name"]) != row.texts["name"]:
            against.append(row.fault("name", "name_differs"))
        if number in by_number:
            against.append(row.fault("number", "repeated_number", by_number[number]))
        elif standing in by_standing:
            against.append(row.fault("occupation", "repeated_standing", by_standing[standing]))
        by_number.setdefault(number, row.row)
        by_standing.setdefault(standing, row.row)
        verdict = RowVerdict.CONFLICT if against else RowVerdict.NEW
        yield JudgedRow(
            row, verdict, tuple(against), index, known.holders.get(index, ("", ""))[0], code, *issuer[:2]
        )


def _issuer(row: RegisterRow, known: Known) -> tuple[str, str, bool] | None:
    named = known.issuers.get(row.texts.get("issuer", ""))
    by_code = known.issuers.get(row.number.institution) if row.number else None
    return by_code or named
