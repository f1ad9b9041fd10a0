"""A person's own data: profile, portrait and consents."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts import policy
from lms.accounts.errors import id_number_taken
from lms.accounts.models import Consent, FormerName, Organisation, Person, Profile
from lms.accounts.policy import ConsentPurpose, IdentityLock, OrganisationKind
from lms.accounts.queries import find_profile, found_person, get_person, get_profile
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, Reason, require, stale
from lms.core.identifiers import new_id
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork

ID_NUMBER_SEAL = "profile.id_number"
_LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class ProfileInput:
    """What the data form of A4 and A5 sends. An empty `id_number` keeps the one that is stored."""

    name: str
    id_number: str
    education: str
    mobile: str
    email: str
    postcode: str
    exam_region: str
    candidate_category: str
    address: str
    identity_flag: str
    employer_id: str
    employed_since: date | None


def profile_faults(
    uow: UnitOfWork, actor: Actor, sent: ProfileInput, photo_key: str | None = None
) -> list[Reason]:
    """Say what is wrong with the values of a data form, each at its field (A4, A5, R3)."""
    stored = find_profile(uow, actor.person_id or "")
    reasons = policy.mobile_reasons(sent.mobile)
    if stored is None or sent.name.strip() != stored.name:
        reasons += policy.name_reasons(sent.name)
    born = stored.birth_date if stored else None
    if sent.id_number or stored is None:
        read = policy.read_resident_id(sent.id_number, _today(uow))
        if isinstance(read, Reason):
            reasons.append(read)
        else:
            born = read.birth_date
    reasons += policy.employed_since_reasons(sent.employed_since, born, _today(uow))
    if stored is not None:
        reasons += policy.identity_reasons(
            IdentityLock(stored.identity_lock),
            [*_changed_identity(uow, stored, sent), *(["photo"] if photo_key else [])],
        )
    employer = uow.session.get(Organisation, sent.employer_id) if sent.employer_id else None
    if sent.employer_id and (employer is None or employer.kind != OrganisationKind.INSTITUTION):
        reasons.append(
            Reason(
                "employer.unknown", N_("工作单位须从已登记的机构中选择"), N_("没有这个机构"),
                N_("请重新选择；找不到时请单位联系省中心登记"), source="A5", field_name="employer_id",
            )
        )  # fmt: skip
    return reasons


def profile_differs(uow: UnitOfWork, actor: Actor, sent: ProfileInput) -> bool:
    """Tell whether a data form holds anything that is not stored."""
    stored = find_profile(uow, actor.person_id or "")
    if stored is None or sent.id_number:
        return True
    return any(
        value != (getattr(stored, name) or ("" if isinstance(value, str) else None))
        for name, value in asdict(sent).items()
        if name != "id_number"
    )


def save_profile(uow: UnitOfWork, actor: Actor, sent: ProfileInput, photo_key: str | None = None) -> None:
    """Store the profile of the actor, and his portrait if one is named. Raises Invalid with every fault at its field.

    Birth date and sex are read from the ID number, so that they can never disagree with it (R3).
    """
    assert actor.person_id is not None
    stored = find_profile(uow, actor.person_id)
    require(profile_faults(uow, actor, sent, photo_key), Invalid)
    identity: policy.ResidentId | None = None
    if sent.id_number or stored is None:
        read = policy.read_resident_id(sent.id_number, _today(uow))
        assert isinstance(read, policy.ResidentId)  # what is none was among the faults
        identity = read
    values: dict[str, Any] = {
        "name": sent.name.strip(), "education": sent.education, "mobile": sent.mobile, "email": sent.email,
        "postcode": sent.postcode, "exam_region": sent.exam_region,
        "candidate_category": sent.candidate_category, "address": sent.address.strip(),
        "identity_flag": sent.identity_flag, "employer_id": sent.employer_id or None,
        "employed_since": sent.employed_since, "updated_at": uow.now,
    }  # fmt: skip
    if stored is not None and _changed_identity(uow, stored, sent):
        values |= _locked_again(stored)
        record(uow, actor, "profile:identity", actor.person_id, fields=_changed_identity(uow, stored, sent))
    if photo_key is not None:
        values |= {"photo_key": photo_key} | _locked_again(stored)
        record(uow, actor, "profile:photo", actor.person_id)
    if identity is not None:
        values |= {
            "id_kind": "resident_id", "id_number_sealed": uow.vault.seal(identity.number, ID_NUMBER_SEAL),
            "id_number_index": uow.vault.index(identity.number, ID_NUMBER_SEAL),
            "id_number_masked": f"{identity.number[:4]}{'*' * 10}{identity.number[-4:]}",
            "sex": identity.sex, "birth_date": identity.birth_date,
        }  # fmt: skip
    try:
        if stored is None:
            uow.session.execute(insert(Profile).values(person_id=actor.person_id, **values))
        else:
            uow.session.execute(update(Profile).where(Profile.person_id == actor.person_id).values(**values))
    except IntegrityError as error:
        raise id_number_taken() from error
    _call(uow, actor.person_id, sent.name.strip())
    if sent.email:
        uow.session.execute(update(Person).where(Person.id == actor.person_id).values(email=sent.email))
    record(uow, actor, "profile:save", actor.person_id, fields=sorted(values))


def _call(uow: UnitOfWork, person_id: str, name: str) -> None:
    """Give somebody a name, and keep the one he had for the record of what he did under it."""
    former = get_person(uow, person_id).display_name
    if former == name:
        return
    uow.session.execute(
        insert(FormerName).values(id=new_id(), person_id=person_id, name=former, until=uow.now)
    )
    uow.session.execute(update(Person).where(Person.id == person_id).values(display_name=name))


def save_photo(uow: UnitOfWork, actor: Actor, photo_key: str) -> None:
    """Name the stored portrait in the actor's profile. Raises NotFound before the profile exists."""
    assert actor.person_id is not None
    stored = find_profile(uow, actor.person_id)
    if stored is not None:
        require(policy.identity_reasons(IdentityLock(stored.identity_lock), ["photo"]), Invalid)
    updated = uow.session.execute(
        update(Profile)
        .where(Profile.person_id == actor.person_id)
        .values(photo_key=photo_key, updated_at=uow.now, **_locked_again(stored))
        .returning(Profile.person_id)
    ).scalar()
    if updated is None:
        raise Invalid(
            Reason("profile.first", N_("先填写个人信息，再上传照片"), N_("还没有个人信息"), N_("请先保存个人信息"),
                   source="A3", field_name="photo")
        )  # fmt: skip
    record(uow, actor, "profile:photo", actor.person_id)


def give_consents(
    uow: UnitOfWork, actor: Actor, purposes: frozenset[ConsentPurpose]
) -> tuple[frozenset[ConsentPurpose], frozenset[ConsentPurpose]]:
    """Record exactly these agreements (H22); return which are new and which were withdrawn."""
    assert actor.person_id is not None
    live = {
        row.purpose: row
        for row in uow.session.scalars(
            select(Consent).where(Consent.person_id == actor.person_id, Consent.withdrawn_at.is_(None))
        )
    }
    for purpose in purposes - live.keys():
        uow.session.execute(
            insert(Consent).values(
                id=new_id(), person_id=actor.person_id, purpose=purpose,
                text_version=policy.CONSENT_TEXT_VERSION, given_at=uow.now,
            )
        )  # fmt: skip
        record(
            uow, actor, "consent:give", actor.person_id, purpose=purpose, version=policy.CONSENT_TEXT_VERSION
        )
    for purpose in live.keys() - purposes:
        live[purpose].withdrawn_at = uow.now
        record(uow, actor, "consent:withdraw", actor.person_id, purpose=purpose)
    return frozenset(purposes - live.keys()), frozenset(live.keys() - purposes)


def reveal_id_number(uow: UnitOfWork, actor: Actor, person_id: str, purpose: str) -> str:
    """Return somebody's whole ID number and record who read it and what for. Raises Invalid without a purpose.

    The caller has made sure that the actor may read it.
    """
    require(policy.purpose_reasons(purpose), Invalid)
    sealed = get_profile(uow, person_id).id_number_sealed
    record(uow, actor, "profile:reveal_id_number", person_id, reason=purpose.strip())
    return uow.vault.open(sealed, ID_NUMBER_SEAL)


def name_workplace(
    uow: UnitOfWork, actor: Actor, person_id: str, employer_id: str, *, instead_of: str | None
) -> bool:
    """Let a profile name another workplace if it names a certain one now (A5); return whether it did.

    For what somebody in charge has confirmed; what the owner has written himself since stays.
    """
    moved = uow.session.execute(
        update(Profile)
        .where(Profile.person_id == person_id, Profile.employer_id.is_not_distinct_from(instead_of))
        .values(employer_id=employer_id, updated_at=uow.now)
        .returning(Profile.person_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if moved is not None:
        record(uow, actor, "profile:workplace", person_id, fields=["employer_id"])
    return moved is not None


_SET_LOCK = ReadyStatement(update(Profile).where(Profile.person_id == bindparam("person")))
"""Everybody's whose exam is over."""


def lock_identity(uow: UnitOfWork, person_id: str) -> None:
    """Hold name, ID number and portrait as they are: somebody is about to review them. Twice changes nothing."""
    _set_lock(uow, person_id, IdentityLock.LOCKED)


def release_identity(uow: UnitOfWork, person_id: str) -> None:
    """Let the owner change his identity again: nothing under review or in force rests on it."""
    _set_lock(uow, person_id, IdentityLock.OPEN)


def allow_correction(uow: UnitOfWork, actor: Actor, person_id: str, reason: str) -> None:
    """Let the owner correct a locked identity once, after an administrator checked the papers (A12).

    Nobody is NotFound outside the actor's scope; Conflict when there is nothing to allow; Invalid without a reason.
    """
    require(_correction_reasons(uow, actor, person_id), Conflict)
    require(policy.reason_reasons(reason), Invalid)
    moved = uow.session.execute(
        update(Profile)
        .where(Profile.person_id == person_id, Profile.identity_lock == IdentityLock.LOCKED)
        .values(identity_lock=IdentityLock.CORRECTING)
        .returning(Profile.person_id)
    ).scalar()
    if moved is None:
        raise stale()
    record(uow, actor, "profile:allow_correction", person_id, reason=reason.strip())


def _correction_reasons(uow: UnitOfWork, actor: Actor, person_id: str) -> list[Reason]:
    if actor.person_id is None:
        profile = find_profile(uow, person_id)
        return policy.correction_reasons(IdentityLock(profile.identity_lock) if profile else None)
    found = found_person(uow, person_id, actor.scope_paths(policy.Role.ADMINISTRATOR))
    return policy.correction_reasons(found.identity_lock, is_oneself=actor.person_id == person_id)


def _set_lock(uow: UnitOfWork, person_id: str, lock: IdentityLock) -> None:
    _SET_LOCK.run(uow.session, {"person": person_id, "identity_lock": lock})
    uow.session.expire_all()


def _locked_again(stored: Profile | None) -> dict[str, Any]:
    """Return what ends a correction that was allowed once."""
    is_correcting = stored is not None and stored.identity_lock == IdentityLock.CORRECTING
    return {"identity_lock": IdentityLock.LOCKED} if is_correcting else {}


def _changed_identity(uow: UnitOfWork, stored: Profile, sent: ProfileInput) -> list[str]:
    """Return the field names of the parts of an identity that a data form would change."""
    changed = ["name"] if sent.name.strip() != stored.name else []
    read = policy.read_resident_id(sent.id_number, _today(uow)) if sent.id_number else None
    if (
        isinstance(read, policy.ResidentId)
        and uow.vault.index(read.number, ID_NUMBER_SEAL) != stored.id_number_index
    ):
        changed.append("id_number")
    return changed


def _today(uow: UnitOfWork) -> date:
    return uow.now.astimezone(_LOCAL).date()
