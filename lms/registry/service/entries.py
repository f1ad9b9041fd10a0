"""What can be done with registry entries."""

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete, select, update

from lms.accounts.policy import Role
from lms.audit.queries import history
from lms.audit.service import born, move
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.decisions import still_suspended
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import CertificateFacts, get_certificate, versions_of
from lms.certificates.service.imports import adopt
from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.core.database import insert_new
from lms.core.errors import require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exports import service as exports
from lms.exports.policy import ExportKind, FileFormat, PackFormat
from lms.exports.service import Wish
from lms.registry.errors import EntryRevoked, NotMovable, TooManyLookups
from lms.registry.models.entries import LookupWindow, RegistryEntry
from lms.registry.policy.entries import (
    ENTRY,
    LOOKUP_WINDOW,
    LOOKUPS_PER_MINUTE,
    EntryState,
    follow_verb,
    move_reasons,
    revoked_for_good,
    too_many_lookups,
)
from lms.registry.queries.entries import EntryFacts, expired_entries, find_entry_of, get_entry
from lms.registry.queries.merges import merged_certificates, merged_on
from lms.registry.queries.search import EntryFilter, matching_ids
from lms.registry.service.search import index_entries
from question_bank.exporting import ExportFormat

FOLLOWER = Actor.system("registry.follow")


def register(uow: UnitOfWork, actor: Actor, certificate_id: str) -> str:
    """Make or renew the entry that stands on an issued certificate; return its id. Idempotent.

    A later version of the same number takes the entry along in whatever state it is; one that was restored by two
    persons brings a revoked entry back. The certificate of a merged entry changes nothing any more. Raises
    EntryRevoked when a revoked entry meets any other certificate.
    """
    certificate = get_certificate(uow, certificate_id)
    entry = _entry_for(uow, certificate)
    if entry is None:
        if (merged := merged_on(uow, certificate.number)) is not None:
            return merged
        return _enter(uow, actor, certificate)
    if entry.certificate_id == certificate.id or certificate.state is not CertificateState.ISSUED:
        return entry.id
    entry_id = entry.id
    versions = versions_of(uow, certificate.number)
    reached = next((one.version for one in versions if one.id == entry.certificate_id), 0)
    verb = follow_verb(
        EntryState(entry.state), same_number=entry.certificate_number == certificate.number,
        was_restored=any(one.version_cause is VersionCause.RESTORED for one in versions),
        was_renewed=any(
            one.version_cause is VersionCause.RENEWED and one.version > reached for one in versions
        ),
    )  # fmt: skip
    if verb is None:
        raise EntryRevoked(revoked_for_good(entry_id))
    standing = _standing_on(uow, certificate)
    if verb != "renew":
        # Another version tells where its holder worked at first; the entry where he works now.
        del standing["employer_organisation_id"]
    move(
        uow, actor, ENTRY, verb, RegistryEntry.state, entry_id, EntryState(entry.state),
        # Who was certified again has been reviewed by name and ID number: what an earlier register held is his now.
        changes={
            **standing, "person_id": certificate.person_id, "id_number_index": certificate.id_number_index,
        },
        certificate_id=certificate.id,
    )  # fmt: skip
    spared = merged_certificates(uow, certificate.id_number_index)
    adopt(uow, certificate.id_number_index, certificate.person_id, spared)
    index_entries(uow, [entry_id])
    return entry_id


def _entry_for(uow: UnitOfWork, certificate: CertificateFacts) -> RegistryEntry | None:
    """Return the entry of a certificate's person, occupation and level.

    A version that corrects the ID number finds the entry which stands on its number still under the wrong one.
    """
    found = uow.session.scalar(
        select(RegistryEntry).where(
            RegistryEntry.id_number_index == certificate.id_number_index,
            RegistryEntry.occupation_edition == certificate.occupation_edition,
            RegistryEntry.occupation_code == certificate.occupation_code,
            RegistryEntry.level == certificate.level,
        )
    )
    if found is not None or certificate.version == 1:
        return found
    return uow.session.scalar(
        select(RegistryEntry).where(
            RegistryEntry.certificate_number == certificate.number, RegistryEntry.state != EntryState.MERGED
        )
    )


def _enter(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts) -> str:
    """Insert a new entry, unless a parallel job was faster."""
    entry_id = uow.session.execute(
        insert_new(
            uow.session, RegistryEntry, RegistryEntry.id_number_index, RegistryEntry.occupation_edition,
            RegistryEntry.occupation_code, RegistryEntry.level,
        )
        .values(
            id=new_id(), person_id=certificate.person_id, id_number_index=certificate.id_number_index,
            occupation_edition=certificate.occupation_edition, occupation_code=certificate.occupation_code,
            level=certificate.level, state=EntryState.ACTIVE, registered_at=uow.now,
            **_standing_on(uow, certificate),
        )
        .returning(RegistryEntry.id)
    ).scalar()  # fmt: skip
    if entry_id is None:
        return register(uow, actor, certificate.id)
    born(uow, actor, ENTRY, entry_id, certificate_id=certificate.id)
    index_entries(uow, [entry_id])
    return entry_id


def _standing_on(uow: UnitOfWork, certificate: CertificateFacts) -> dict[str, object]:
    return {
        "certificate_id": certificate.id, "certificate_number": certificate.number,
        "holder_name": certificate.holder_name, "id_number_masked": certificate.id_number_masked,
        "occupation_name": certificate.occupation_name,
        "issuing_organisation_id": certificate.issuing_organisation_id,
        "employer_organisation_id": certificate.employer_organisation_id,
        "valid_from": certificate.valid_from, "valid_until": certificate.valid_until, "changed_at": uow.now,
    }  # fmt: skip


def suspend(uow: UnitOfWork, actor: Actor, entry_id: str, reason: str) -> None:
    """Suspend an entry with a written reason: the holder may not assess until it is resumed (E7)."""
    act_on(uow, actor, entry_id, "suspend", reason)


def resume(uow: UnitOfWork, actor: Actor, entry_id: str, reason: str) -> None:
    """End a suspension with a written reason. Raises NotMovable also while the certificate itself is suspended."""
    _require_not_held(uow, actor, entry_id)
    act_on(uow, actor, entry_id, "resume", reason)


def _require_not_held(uow: UnitOfWork, actor: Actor, entry_id: str) -> None:
    """Refuse what one registrar alone does to an entry whose certificate waits for the decision of two."""
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    if get_certificate(uow, entry.certificate_id).state is CertificateState.SUSPENDED:
        raise NotMovable(still_suspended())


def follow_certificate(uow: UnitOfWork, actor: Actor, certificate_id: str) -> None:
    """Let an entry stand as its certificate does: suspended with it, and resumed if it was suspended with it."""
    certificate = get_certificate(uow, certificate_id)
    entry = find_entry_of(uow, certificate_id)
    if entry is None:
        return
    verb = ""
    if certificate.state is CertificateState.SUSPENDED and entry.state is EntryState.ACTIVE:
        verb = "suspend"
    elif certificate.state is CertificateState.ISSUED and entry.state is EntryState.SUSPENDED:
        last = [one for one in history(uow, ENTRY.name, entry.id) if one.verb == "suspend"][-1]
        # What a registrar suspended, only a registrar resumes.
        verb = "resume" if last.actor_id is None else ""
    if verb:
        move(
            uow, actor, ENTRY, verb, RegistryEntry.state, entry.id, entry.state, changes={"changed_at": uow.now},
            certificate_id=certificate_id,
        )  # fmt: skip


def act_on(uow: UnitOfWork, actor: Actor, entry_id: str, verb: str, reason: str) -> EntryFacts:
    """Move an entry of a registrar's scope with a written reason; return it as it was before."""
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    require(move_reasons(verb, entry.state, reason), NotMovable)
    move(
        uow, actor, ENTRY, verb, RegistryEntry.state, entry_id, entry.state,
        remark=reason.strip(), changes={"changed_at": uow.now}, certificate_id=entry.certificate_id,
    )  # fmt: skip
    return entry


def expire_due(uow: UnitOfWork, actor: Actor) -> int:
    """Write the expiry of entries whose last valid day is over; return how many were written."""
    due = expired_entries(uow)
    for entry_id, state in due:
        move(
            uow, actor, ENTRY, "expire", RegistryEntry.state, entry_id, state, changes={"changed_at": uow.now}
        )
    return len(due)


def count_lookup(uow: UnitOfWork, address: str, most: int = LOOKUPS_PER_MINUTE) -> None:
    """Count one look-up of a network address, or of whatever else is bounded per minute (fault F2).

    Raises TooManyLookups past the limit.

    The count lives in the database, so that it holds for all processes and never fails open.
    """
    minute = to_ms(uow.now) // int(LOOKUP_WINDOW.total_seconds() * 1000)
    key = uow.vault.index(address, "verify.address")
    uow.session.execute(
        insert_new(uow.session, LookupWindow, LookupWindow.address, LookupWindow.minute).values(
            address=key, minute=minute, count=0
        )
    )
    counted = uow.session.execute(
        update(LookupWindow)
        .where(
            LookupWindow.address == key,
            LookupWindow.minute == minute,
            LookupWindow.count < most,
        )
        .values(count=LookupWindow.count + 1)
        .returning(LookupWindow.count)
        .execution_options(synchronize_session=False)
    ).scalar()
    if counted is None:
        raise TooManyLookups(too_many_lookups(most))


def forget_lookups(uow: UnitOfWork) -> None:
    """Delete look-up counts older than an hour: they have done their work."""
    oldest = to_ms(uow.now - timedelta(hours=1)) // int(LOOKUP_WINDOW.total_seconds() * 1000)
    uow.session.execute(delete(LookupWindow).where(LookupWindow.minute < oldest))


def request_export(
    uow: UnitOfWork, actor: Actor, wanted: EntryFilter, purpose: str, format_: FileFormat = ExportFormat.XLSX
) -> str:
    """Ask for the filtered list as a workbook, or for its stored certificates in one file; return the export's id.

    Raises Refusal.
    """
    kind = ExportKind.CERTIFICATES if isinstance(format_, PackFormat) else ExportKind.REGISTRY
    total = len(matching_ids(uow, actor, wanted))
    wish = Wish(
        kind, format_, asdict(wanted), wanted.described(), total, purpose
    )  # fmt: skip
    return exports.request_export(uow, actor, wish)
