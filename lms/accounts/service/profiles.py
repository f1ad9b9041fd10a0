"""A person's own data: profile, portrait and consents."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts import policy
from lms.accounts.errors import id_number_taken
from lms.accounts.models import Consent, Organisation, Person, Profile
from lms.accounts.policy import ConsentPurpose, OrganisationKind
from lms.accounts.queries import find_profile
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import N_, Invalid, Reason, require
from lms.core.identifiers import new_id
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


def profile_faults(uow: UnitOfWork, actor: Actor, sent: ProfileInput) -> list[Reason]:
    """Say what is wrong with the values of a data form, each at its field (A4, A5, R3)."""
    reasons = policy.mobile_reasons(sent.mobile)
    if sent.id_number or find_profile(uow, actor.person_id or "") is None:
        read = policy.read_resident_id(sent.id_number, _today(uow))
        if isinstance(read, Reason):
            reasons.append(read)
    employer = uow.session.get(Organisation, sent.employer_id) if sent.employer_id else None
    if sent.employer_id and (employer is None or employer.kind != OrganisationKind.INSTITUTION):
        reasons.append(
            Reason(
                "employer.unknown", N_("工作单位须从已登记的机构中选择"), N_("没有这个机构"),
                N_("请重新选择；找不到时请单位联系省中心登记"), source="A5", field_name="employer_id",
            )
        )  # fmt: skip
    return reasons


def save_profile(uow: UnitOfWork, actor: Actor, sent: ProfileInput) -> None:
    """Store the profile of the actor. Raises Invalid with every fault at its field.

    Birth date and sex are read from the ID number, so that they can never disagree with it (R3).
    """
    assert actor.person_id is not None
    stored = find_profile(uow, actor.person_id)
    require(profile_faults(uow, actor, sent), Invalid)
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
    uow.session.execute(
        update(Person)
        .where(Person.id == actor.person_id)
        .values(display_name=sent.name.strip(), email=sent.email or Person.email)
    )
    record(uow, actor, "profile:save", actor.person_id, fields=sorted(values))


def save_photo(uow: UnitOfWork, actor: Actor, photo_key: str) -> None:
    """Name the stored portrait in the actor's profile. Raises NotFound before the profile exists."""
    assert actor.person_id is not None
    updated = uow.session.execute(
        update(Profile)
        .where(Profile.person_id == actor.person_id)
        .values(photo_key=photo_key, updated_at=uow.now)
        .returning(Profile.person_id)
    ).scalar()
    if updated is None:
        raise Invalid(
            Reason("profile.first", N_("先填写个人信息，再上传照片"), N_("还没有个人信息"), N_("请先保存个人信息"),
                   source="A3", field_name="photo")
        )  # fmt: skip
    record(uow, actor, "profile:photo", actor.person_id)


def give_consents(uow: UnitOfWork, actor: Actor, purposes: frozenset[ConsentPurpose]) -> None:
    """Record exactly these agreements: new ones are added, missing ones are withdrawn (H22)."""
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


def _today(uow: UnitOfWork) -> date:
    return uow.now.astimezone(_LOCAL).date()
