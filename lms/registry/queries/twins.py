"""Finding entries that may be of one person. Each question is a stretch of an index; none joins all with all."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation, Profile
from lms.accounts.policy import ResidentId, read_resident_id
from lms.accounts.queries import within
from lms.accounts.service import ID_NUMBER_SEAL
from lms.certificates.policy.certificates import local_day
from lms.core.actors import EVERYWHERE, Actor
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.imports import RegistryHolder
from lms.registry.policy.entries import EntryState
from lms.registry.policy.twins import Compared, Traits, compare, weight
from lms.registry.queries.entries import READERS, EntryFacts, entries_by_id
from lms.registry.queries.search import issued_within

MOST_TWINS = 20
"""So many of those who are called alike are shown, the likeliest first."""
MOST_WEIGHED = 200
"""So many are compared; a name that more bear in one occupation needs a number to be told apart."""
WALKED = 1_000
"""So many entries one page of the desk's list looks at."""
LOOKED_AT = 40
"""Of so many of them the twins are compared."""


@dataclass(frozen=True, slots=True)
class Twin:
    """An entry that may be of the same person as another, and what speaks for and against it."""

    entry: EntryFacts
    signs: tuple[Compared, ...]

    @property
    def weight(self) -> int:
        """How much speaks for it."""
        return weight(self.signs)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A stretch of the entries that were taken over and have no account: those of them that have likely twins."""

    lines: tuple[tuple[EntryFacts, tuple[Twin, ...]], ...]
    walked: int
    """How many entries were looked at."""
    after: str
    """The entry behind which the next stretch begins, or "" at the end."""


def twins_of(uow: UnitOfWork, actor: Actor, entry: EntryFacts) -> list[Twin]:
    """Return the entries in the actor's scope that bear the same name in the same occupation and at the same level."""
    found = uow.session.scalars(
        select(RegistryEntry.id)
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .where(
            RegistryEntry.holder_name == entry.holder_name, RegistryEntry.occupation_code == entry.occupation_code,
            RegistryEntry.level == entry.level, RegistryEntry.occupation_edition == entry.occupation_edition,
            RegistryEntry.id != entry.id, RegistryEntry.state != EntryState.MERGED,
            within(Organisation.path, actor.scope_paths(*READERS)),
        )
        .limit(MOST_WEIGHED)
    ).all()  # fmt: skip
    others = entries_by_id(uow, found)
    traits = _traits_of(uow, [entry, *others])
    twins = [Twin(one, compare(traits[entry.id], traits[one.id])) for one in others]
    return sorted(twins, key=lambda one: (-one.weight, one.entry.id))[:MOST_TWINS]


def signs_between(uow: UnitOfWork, one: EntryFacts, other: EntryFacts) -> tuple[Compared, ...]:
    """Return what speaks for and against two entries being of one person."""
    traits = _traits_of(uow, [one, other])
    return compare(traits[one.id], traits[other.id])


def doubtful(uow: UnitOfWork, actor: Actor, after: str = "") -> Doubtful:
    """Look through the next entries of the actor's scope, the newest first, for likely twins of those taken over.

    Bounded however many entries there are: the reader goes on with the next stretch.
    """
    scopes = actor.scope_paths(*READERS)
    conditions: list[ColumnElement[bool]] = []
    if EVERYWHERE not in scopes:
        conditions.append(issued_within(uow, scopes))
    if (last := uow.session.get(RegistryEntry, after)) is not None:
        conditions.append(
            tuple_(RegistryEntry.registered_at, RegistryEntry.id) < (last.registered_at, last.id)
        )
    walked = uow.session.execute(
        select(RegistryEntry.id, RegistryEntry.person_id)
        .where(*conditions)
        .order_by(RegistryEntry.registered_at.desc(), RegistryEntry.id.desc())
        .limit(WALKED)
    ).all()
    held = _held(uow, {person_id for _, person_id in walked})
    likely = _with_namesake(uow, [entry_id for entry_id, person_id in walked if person_id in held])
    looked_at = [entry_id for entry_id, _ in walked if entry_id in likely][: LOOKED_AT + 1]
    is_cut = len(looked_at) > LOOKED_AT
    lines = []
    for entry in entries_by_id(uow, looked_at[:LOOKED_AT]):
        twins = tuple(one for one in twins_of(uow, actor, entry) if one.weight >= 0)
        if twins:
            lines.append((entry, twins))
    ids = [entry_id for entry_id, _ in walked]
    seen = ids.index(looked_at[LOOKED_AT - 1]) + 1 if is_cut else len(ids)
    return Doubtful(tuple(lines), seen, ids[seen - 1] if is_cut or len(ids) == WALKED else "")


def _held(uow: UnitOfWork, person_ids: set[str]) -> set[str]:
    """Return those who are known from an earlier register alone."""
    with_account = select(Profile.person_id).where(Profile.person_id == RegistryHolder.person_id)
    found = select(RegistryHolder.person_id).where(
        RegistryHolder.person_id.in_(person_ids), ~with_account.exists()
    )
    return set(uow.session.scalars(found))


def _with_namesake(uow: UnitOfWork, entry_ids: Sequence[str]) -> set[str]:
    """Return those entries beside which another bears the same name in the same occupation and at the same level."""
    other = aliased(RegistryEntry)
    namesake = select(other.id).where(
        other.holder_name == RegistryEntry.holder_name, other.occupation_code == RegistryEntry.occupation_code,
        other.level == RegistryEntry.level, other.occupation_edition == RegistryEntry.occupation_edition,
        other.id != RegistryEntry.id, other.state != EntryState.MERGED,
    )  # fmt: skip
    found = select(RegistryEntry.id).where(
        RegistryEntry.id.in_(entry_ids), RegistryEntry.state != EntryState.MERGED, namesake.exists()
    )
    return set(uow.session.scalars(found))


def _traits_of(uow: UnitOfWork, found: Sequence[EntryFacts]) -> dict[str, Traits]:
    """Return what is known of the holders of some entries. ID numbers are opened here and stay here."""
    people = {one.person_id for one in found}
    sealed: dict[str, bytes] = {}
    works: dict[str, str] = {}
    held = select(RegistryHolder.person_id, RegistryHolder.id_number_sealed, RegistryHolder.workplace)
    for person_id, box, work in uow.session.execute(held.where(RegistryHolder.person_id.in_(people))):
        sealed[person_id], works[person_id] = box, work
    profiles = select(Profile.person_id, Profile.id_number_sealed).where(Profile.person_id.in_(people))
    sealed |= dict(uow.session.execute(profiles).all())
    today = local_day(uow.now)
    traits = {}
    for one in found:
        number = uow.vault.open(sealed[one.person_id], ID_NUMBER_SEAL) if one.person_id in sealed else ""
        read = read_resident_id(number, today)
        employer = one.employer_name or works.get(one.person_id, "")
        traits[one.id] = (
            Traits(number, read.birth_date, read.sex, employer)
            if isinstance(read, ResidentId)
            else Traits(number, employer=employer)
        )
    return traits
