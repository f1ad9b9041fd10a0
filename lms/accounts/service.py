"""What can be done with people, organisations and roles."""

import base64
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts import policy
from lms.accounts.credentials import new_token, token_hash
from lms.accounts.errors import TooManyFailures, id_number_taken, name_taken
from lms.accounts.events import RecoveryRequested
from lms.accounts.models import (
    Consent,
    LoginSession,
    Organisation,
    Person,
    Profile,
    RecoveryToken,
    RoleGrant,
    SignInFailure,
)
from lms.accounts.policy import ConsentPurpose, OrganisationKind, PersonState, Role
from lms.accounts.queries import find_person_by_login, find_profile, get_organisation, get_person
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import Forbidden, Invalid, N_, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork

ID_NUMBER_SEAL = "profile.id_number"
RECOVERY_SEAL = "recovery.token"
_LOCAL = ZoneInfo("Asia/Shanghai")


# -- registration and sign-in ----------------------------------------------------------------------


def register_person(uow: UnitOfWork, mobile: str, name: str, email: str, password_hash: str) -> str:
    """Register a trainee by himself (H22) and return the person's id.

    Raises Invalid for a malformed mobile number and Conflict when it is registered already.
    """
    require(policy.mobile_reasons(mobile), Invalid)
    person_id = _add_person(uow, mobile, name, password_hash, email=email or None)
    record(uow, Actor(person_id, f"person:{person_id}"), "person:register", person_id)
    return person_id


def create_staff(
    uow: UnitOfWork, actor: Actor, login_name: str, name: str, password_hash: str, *, must_change: bool = True,
    email: str | None = None,
) -> str:  # fmt: skip
    """Create a person for staff work and return the id. Raises Invalid or Conflict."""
    login_name = login_name.strip().lower()
    require(policy.login_name_reasons(login_name), Invalid)
    person_id = _add_person(uow, login_name, name, password_hash, email=email, must_change=must_change)
    record(uow, actor, "person:create", person_id)
    return person_id


def _add_person(
    uow: UnitOfWork, login_name: str, name: str, password_hash: str, *, email: str | None = None,
    must_change: bool = False,
) -> str:  # fmt: skip
    if find_person_by_login(uow, login_name):
        raise name_taken()
    person_id = new_id()
    try:
        uow.session.execute(
            insert(Person).values(
                id=person_id, login_name=login_name, display_name=name.strip(), password_hash=password_hash,
                state=PersonState.ACTIVE, email=email, must_change_password=must_change, created_at=uow.now,
            )
        )  # fmt: skip
    except IntegrityError as error:  # two registrations of one number at the same moment
        raise name_taken() from error
    return person_id


def sign_in_failures(uow: UnitOfWork, login_name: str, address: str) -> None:
    """Raise TooManyFailures when this name or this address has failed too often lately (fault H1)."""
    since = uow.now - policy.SIGN_IN_WINDOW
    for key in _failure_keys(uow, login_name, address):
        count = uow.session.execute(
            select(func.count()).select_from(SignInFailure).where(SignInFailure.key == key, SignInFailure.at > since)
        ).scalar_one()
        require(policy.too_many_failures(count), TooManyFailures)


def note_failure(uow: UnitOfWork, login_name: str, address: str) -> None:
    """Count a failed sign-in; neither name nor address is stored in the clear."""
    for key in _failure_keys(uow, login_name, address):
        uow.session.execute(insert(SignInFailure).values(id=new_id(), key=key, at=uow.now))


def _failure_keys(uow: UnitOfWork, login_name: str, address: str) -> tuple[str, str]:
    return (
        uow.vault.index(login_name.strip().lower(), "failure.name"),
        uow.vault.index(address, "failure.address"),
    )


def open_session(uow: UnitOfWork, person_id: str) -> str:
    """Open a login session and return its token; the database keeps only the hash."""
    token = new_token()
    session_id = new_id()
    uow.session.execute(
        insert(LoginSession).values(
            id=session_id, token_hash=token_hash(token), person_id=person_id, created_at=uow.now, seen_at=uow.now
        )
    )
    record(uow, Actor(person_id, f"person:{person_id}"), "session:open", session_id)
    return token


def end_session(uow: UnitOfWork, actor: Actor) -> None:
    """End the actor's present login session; its cookie is worthless from now on (fault H2)."""
    if actor.login_session_id:
        _revoke(uow, LoginSession.id == actor.login_session_id, "signed_out")
        record(uow, actor, "session:end", actor.login_session_id)


def end_other_sessions(uow: UnitOfWork, person_id: str, because: str, keep: str | None = None) -> None:
    """Revoke a person's login sessions, all or all but one (fault H2)."""
    condition = LoginSession.person_id == person_id
    _revoke(uow, condition & (LoginSession.id != keep) if keep else condition, because)


def _revoke(uow: UnitOfWork, condition, because: str) -> None:  # type: ignore[no-untyped-def]  # a SQL condition
    uow.session.execute(
        update(LoginSession)
        .where(condition, LoginSession.revoked_at.is_(None))
        .values(revoked_at=uow.now, revoked_because=because)
        .execution_options(synchronize_session=False)
    )


def change_password(uow: UnitOfWork, actor: Actor, password_hash: str) -> None:
    """Set the actor's own new password and end the other sessions (ASVS 7.4.3)."""
    assert actor.person_id is not None
    _set_password(uow, actor.person_id, password_hash)
    end_other_sessions(uow, actor.person_id, "password_changed", keep=actor.login_session_id)
    record(uow, actor, "person:change_password", actor.person_id)


def _set_password(uow: UnitOfWork, person_id: str, password_hash: str, *, must_change: bool = False) -> None:
    uow.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(password_hash=password_hash, must_change_password=must_change)
    )


# -- the way back in -------------------------------------------------------------------------------


def request_recovery(uow: UnitOfWork, login_name: str) -> None:
    """Send a one-time link by mail when the account has an address; say nothing otherwise (fault H5)."""
    person = find_person_by_login(uow, login_name)
    if person is None or not person.email or person.state != PersonState.ACTIVE:
        return
    token, recovery_id = _new_recovery(uow, person.id, None, policy.RECOVERY_LIFETIME)
    sealed = base64.b64encode(uow.vault.seal(token, RECOVERY_SEAL)).decode()
    uow.record(RecoveryRequested(recovery_id=recovery_id, sealed_token=sealed))
    record(uow, Actor(person.id, f"person:{person.id}"), "person:request_recovery", person.id)


def hand_recovery(uow: UnitOfWork, actor: Actor, person_id: str) -> str:
    """Return a one-time token that an administrator hands over to somebody without mail."""
    get_person(uow, person_id)
    token, _ = _new_recovery(uow, person_id, actor.person_id, policy.HANDED_RECOVERY_LIFETIME)
    record(uow, actor, "person:hand_recovery", person_id)
    return token


def _new_recovery(
    uow: UnitOfWork, person_id: str, issued_by: str | None, lifetime: timedelta
) -> tuple[str, str]:
    token, recovery_id = new_token(), new_id()
    uow.session.execute(
        insert(RecoveryToken).values(
            id=recovery_id, token_hash=token_hash(token), person_id=person_id, issued_by=issued_by,
            expires_at=uow.now + lifetime,
        )
    )  # fmt: skip
    return token, recovery_id


def recovery_reasons(uow: UnitOfWork, token: str) -> list[Reason]:
    """Say why a recovery link cannot be used: unknown, used or too old."""
    row = uow.session.scalar(select(RecoveryToken).where(RecoveryToken.token_hash == token_hash(token)))
    if row is not None and row.used_at is None and row.expires_at > uow.now:
        return []
    return [
        Reason(
            "recovery.spent", N_("找回密码的链接只能使用一次，并且有时限"), N_("这个链接已经用过或者过期"),
            N_("请重新申请找回密码"),
        )
    ]  # fmt: skip


def redeem_recovery(uow: UnitOfWork, token: str, password_hash: str) -> str:
    """Set a new password by a one-time token, end every session, and return the person's id."""
    require(recovery_reasons(uow, token), Invalid)
    person_id = uow.session.execute(
        update(RecoveryToken)
        .where(RecoveryToken.token_hash == token_hash(token), RecoveryToken.used_at.is_(None))
        .values(used_at=uow.now)
        .returning(RecoveryToken.person_id)
    ).scalar()
    if person_id is None:
        raise Invalid(recovery_reasons(uow, token))
    _set_password(uow, person_id, password_hash)
    end_other_sessions(uow, person_id, "password_recovered")
    record(uow, Actor(person_id, f"person:{person_id}"), "person:recover", person_id)
    return person_id


# -- profile and consents ---------------------------------------------------------------------------


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


def save_profile(uow: UnitOfWork, actor: Actor, sent: ProfileInput) -> None:
    """Store the profile of the actor. Raises Invalid with every fault at its field.

    Birth date and sex are read from the ID number, so that they can never disagree with it (R3).
    """
    assert actor.person_id is not None
    stored = find_profile(uow, actor.person_id)
    reasons = policy.mobile_reasons(sent.mobile)
    identity: policy.ResidentId | None = None
    if sent.id_number or stored is None:
        read = policy.read_resident_id(sent.id_number, uow.now.astimezone(_LOCAL).date())
        if isinstance(read, Reason):
            reasons.append(read)
        else:
            identity = read
    employer = uow.session.get(Organisation, sent.employer_id) if sent.employer_id else None
    if sent.employer_id and (employer is None or employer.kind != OrganisationKind.INSTITUTION):
        reasons.append(
            Reason(
                "employer.unknown", N_("工作单位须从已登记的机构中选择"), N_("没有这个机构"),
                N_("请重新选择；找不到时请单位联系省中心登记"), source="A5", field_name="employer_id",
            )
        )  # fmt: skip
    require(reasons, Invalid)
    values = {
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
        record(uow, actor, "consent:give", actor.person_id, purpose=purpose, version=policy.CONSENT_TEXT_VERSION)
    for purpose in live.keys() - purposes:
        live[purpose].withdrawn_at = uow.now
        record(uow, actor, "consent:withdraw", actor.person_id, purpose=purpose)


# -- organisations, staff and roles -------------------------------------------------------------------


def ensure_province(uow: UnitOfWork, actor: Actor, name: str) -> Organisation:
    """Return the province's centre, creating it in an empty house."""
    existing = uow.session.scalar(select(Organisation).where(Organisation.path == "/"))
    if existing is not None:
        return existing
    province = Organisation(
        id=new_id(), kind=OrganisationKind.PROVINCE, parent_id=None, path="/", name=name, code="00000000",
        is_filed=True, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(province)
    uow.session.flush()  # its id is named by rows that follow
    record(uow, actor, "organisation:create", province.id)
    return province


def create_organisation(
    uow: UnitOfWork, actor: Actor, kind: OrganisationKind, parent_id: str, name: str, code: str,
    *, is_filed: bool = True,
) -> str:  # fmt: skip
    """Create a city centre or an institution below a parent within the actor's scope; return its id."""
    parent = get_organisation(uow, parent_id)
    _require_scope(actor, parent.path)
    reasons = []
    if kind is OrganisationKind.PROVINCE or parent.kind == OrganisationKind.INSTITUTION or (
        kind is OrganisationKind.CITY and parent.kind != OrganisationKind.PROVINCE
    ):
        reasons.append(Reason("organisation.parent", N_("市中心属于省中心，机构属于省中心或市中心"),
                              way_out=N_("请重新选择上级"), source="A18", field_name="parent_id"))  # fmt: skip
    if not (code.isascii() and code.isdigit() and len(code) == 8):
        reasons.append(Reason("organisation.code", N_("机构代码为 8 位数字"), N_("您填写了“%(code)s”"),
                              N_("请按备案文件填写 8 位代码，不要自行补零"), source="C6", params={"code": code},
                              field_name="code"))  # fmt: skip
    for column, value, label in ((Organisation.name, name.strip(), "name"), (Organisation.code, code, "code")):
        if uow.session.scalar(select(Organisation.id).where(column == value)):
            reasons.append(Reason(f"organisation.{label}_taken", N_("机构的名称和代码不能重复"),
                                  N_("已有相同的登记"), N_("请核对后修改"), field_name=label))  # fmt: skip
    require(reasons, Invalid)
    organisation_id = new_id()
    path = policy.organisation_path(kind, organisation_id, parent.path)
    uow.session.execute(
        insert(Organisation).values(
            id=organisation_id, kind=kind, parent_id=parent_id, path=path, name=name.strip(), code=code,
            is_filed=is_filed, created_at=uow.now,
        )
    )  # fmt: skip
    record(uow, actor, "organisation:create", organisation_id, kind=kind, parent_id=parent_id)
    return organisation_id


def grant_role(uow: UnitOfWork, actor: Actor, person_id: str, role: Role, organisation_id: str) -> str:
    """Give a role within an organisation's scope, inside the actor's own scope; the same grant twice is one."""
    organisation = get_organisation(uow, organisation_id)
    _require_scope(actor, organisation.path)
    get_person(uow, person_id)
    if actor.person_id == person_id:
        raise Forbidden(
            Reason("grant.self", N_("不能给自己授权"), way_out=N_("请由另一位系统管理员办理"), source="MLPS .2")
        )
    existing = uow.session.scalar(
        select(RoleGrant.id).where(
            RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.organisation_id == organisation_id,
            RoleGrant.revoked_at.is_(None),
        )
    )  # fmt: skip
    if existing:
        return existing
    grant_id = new_id()
    uow.session.execute(
        insert(RoleGrant).values(
            id=grant_id, person_id=person_id, role=role, organisation_id=organisation_id, granted_at=uow.now,
            granted_by=actor.person_id,
        )
    )  # fmt: skip
    record(uow, actor, "role:grant", person_id, role=role, organisation_id=organisation_id)
    return grant_id


def revoke_role(uow: UnitOfWork, actor: Actor, grant_id: str) -> None:
    """Take a role back; it no longer counts at the holder's next request (fault H2)."""
    grant = uow.session.get(RoleGrant, grant_id)
    if grant is None or grant.revoked_at is not None:
        raise NotFound
    _require_scope(actor, get_organisation(uow, grant.organisation_id).path)
    if actor.person_id == grant.person_id:
        raise Forbidden(Reason("grant.self", N_("不能收回自己的角色"), way_out=N_("请由另一位系统管理员办理")))
    grant.revoked_at = uow.now
    record(uow, actor, "role:revoke", grant.person_id, role=grant.role, organisation_id=grant.organisation_id)


def disable_person(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """Bar a person from signing in and end his sessions at once."""
    person = get_person(uow, person_id)
    if actor.person_id == person_id:
        raise Forbidden(Reason("person.self", N_("不能停用自己的账号"), way_out=N_("请由另一位系统管理员办理")))
    person.state = PersonState.DISABLED
    end_other_sessions(uow, person_id, "disabled")
    record(uow, actor, "person:disable", person_id)


def enable_person(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """Let a disabled person sign in again."""
    get_person(uow, person_id).state = PersonState.ACTIVE
    record(uow, actor, "person:enable", person_id)


def _require_scope(actor: Actor, path: str) -> None:
    if actor.person_id is not None and not actor.covers(path, (Role.ADMINISTRATOR,)):
        raise NotFound


def sweep_spent(uow: UnitOfWork, older_than: datetime) -> None:
    """Forget failures, spent links and ended sessions that serve nothing any more (storage limitation)."""
    uow.session.execute(delete(SignInFailure).where(SignInFailure.at < older_than))
    uow.session.execute(delete(RecoveryToken).where(RecoveryToken.expires_at < older_than))
