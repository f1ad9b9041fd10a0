"""Taking an earlier register over: stored at once, checked by a job without writing, then entered whole or not."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import insert, update

from lms.accounts.policy import plain_mobile
from lms.accounts.service import ID_NUMBER_SEAL, enter_holders
from lms.audit import service as audit
from lms.certificates.policy.certificates import local_day
from lms.certificates.service.imports import EarlierCertificate, take_over
from lms.core.actors import Actor
from lms.core.errors import Conflict, require
from lms.core.identifiers import new_id, new_ids
from lms.core.unit_of_work import UnitOfWork
from lms.registry.events import RegistryConfirmed, RegistryUploaded
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.imports import RegistryHolder, RegistryImport
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.policy.imports import (
    MOST_REPORTED,
    MOST_SHOWN_NEW,
    REGISTRY_IMPORT,
    RegistryImportState,
    RowVerdict,
    confirm_reasons,
)
from lms.registry.policy.judging import JudgedRow
from lms.registry.queries.imports import get_import, holders_known, organisations_by_name, own_import
from lms.registry.service.search import index_entries

FILE_SEAL = "registry.import"
MOBILE_SEAL = "registry.mobile"
FILENAME_MAX = 120


def upload(uow: UnitOfWork, actor: Actor, filename: str, file_key: str) -> str:
    """Take a file that is sealed and stored already, and ask for its check; return its id."""
    assert actor.person_id is not None, "only people upload"
    import_id = new_id()
    name = "".join(sign for sign in PurePath(filename.replace("\\", "/")).name if sign.isprintable())
    uow.session.execute(
        insert(RegistryImport).values(
            id=import_id, state=RegistryImportState.WAITING, turn=1, filename=(name or "-")[-FILENAME_MAX:],
            file_key=file_key, new_count=0, known_count=0, conflict_count=0, fault_count=0, report=[], trouble="",
            asked_by=actor.person_id, asked_at=uow.now, created_at=uow.now,
        )
    )  # fmt: skip
    audit.born(uow, actor, REGISTRY_IMPORT, import_id)
    uow.record(RegistryUploaded(import_id, 1))
    return import_id


def check_again(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    """Ask for another check of a file that is not decided."""
    facts = own_import(uow, actor, import_id)
    turn = facts.turn + 1
    _move(
        uow,
        actor,
        import_id,
        "check_again",
        {"turn": turn, "started_at": None, "trouble": "", "asked_at": uow.now},
    )
    uow.record(RegistryUploaded(import_id, turn))


def begin_work(uow: UnitOfWork, import_id: str) -> None:
    """Write down that a worker has taken the work up, for the page that waits."""
    uow.session.execute(
        update(RegistryImport)
        .where(RegistryImport.id == import_id, RegistryImport.started_at.is_(None))
        .values(started_at=uow.now)
    )


def finish_check(uow: UnitOfWork, actor: Actor, import_id: str, judged: Sequence[JudgedRow]) -> None:
    """Keep what was found in a file; nothing is entered."""
    _move(uow, actor, import_id, "check", _findings(judged))


def fail_check(uow: UnitOfWork, actor: Actor, import_id: str, trouble: str) -> None:
    """Keep why a file could not be checked."""
    _move(uow, actor, import_id, "fail", {"trouble": trouble})


def confirm(uow: UnitOfWork, actor: Actor, import_id: str) -> None:
    """Decide that the new rows of a checked file are entered; a job enters them. Twice is once."""
    facts = own_import(uow, actor, import_id)
    if facts.state in {RegistryImportState.ENTERING, RegistryImportState.ENTERED}:
        return
    require(confirm_reasons(facts.state, facts.new_count), Conflict)
    turn = facts.turn + 1
    _move(
        uow,
        actor,
        import_id,
        "confirm",
        {"turn": turn, "started_at": None, "trouble": "", "asked_at": uow.now},
    )
    uow.record(RegistryConfirmed(import_id, turn))


def stop(uow: UnitOfWork, actor: Actor, import_id: str, trouble: str) -> None:
    """Keep why nothing of a file was entered."""
    _move(uow, actor, import_id, "stop", {"trouble": trouble})


def discard(uow: UnitOfWork, actor: Actor, import_id: str) -> str | None:
    """Put a file aside; return the key of the stored file, which nobody needs any more."""
    facts = own_import(uow, actor, import_id)
    if facts.state is not RegistryImportState.DISCARDED:
        _move(uow, actor, import_id, "discard", {"decided_at": uow.now, "file_key": None, "report": []})
    return facts.file_key


def enter(uow: UnitOfWork, actor: Actor, import_id: str, judged: Sequence[JudgedRow]) -> int:
    """Enter all new rows of a file in the caller's transaction; return how many. All of them, or none."""
    new = [one for one in judged if one.verdict is RowVerdict.NEW]
    people = _people(uow, actor, import_id, new)
    employers = organisations_by_name(uow, [one.row.texts.get("workplace", "") for one in new])
    earlier = [_earlier(one, people[one.index], employers) for one in new]
    ids = take_over(uow, actor, earlier, import_id)
    _enter_entries(uow, actor, import_id, earlier, ids)
    _move(
        uow, actor, import_id, "enter",
        {**_findings(judged), "entered_count": len(new), "decided_at": uow.now, "file_key": None},
    )  # fmt: skip
    return len(new)


def _people(uow: UnitOfWork, actor: Actor, import_id: str, new: Sequence[JudgedRow]) -> dict[str, str]:
    """Return the person of each index; who is unknown becomes a person who cannot sign in."""
    found = {one.index: one.person_id for one in new if one.person_id}
    unknown = {one.index: one for one in reversed(new) if one.index not in found}
    ids = enter_holders(uow, actor, [one.row.texts["name"] for one in unknown.values()], import_id)
    found |= dict(zip(unknown, ids, strict=True))
    told = {found[one.index]: one for one in reversed(new)}
    known = holders_known(uow, told)
    rows: list[dict[str, Any]] = []
    for person_id, one in told.items():
        if person_id in known or one.row.identity is None:
            continue
        mobile = plain_mobile(one.row.texts.get("mobile", ""))
        rows.append(
            {
                "person_id": person_id, "workplace": one.row.texts.get("workplace", ""), "entered_at": uow.now,
                "id_number_sealed": uow.vault.seal(one.row.identity.number, ID_NUMBER_SEAL),
                "mobile_sealed": uow.vault.seal(mobile, MOBILE_SEAL) if mobile else None,
            }
        )  # fmt: skip
    if rows:
        uow.session.execute(insert(RegistryHolder), rows)
    return found


def _earlier(one: JudgedRow, person_id: str, employers: dict[str, str]) -> EarlierCertificate:
    row = one.row
    assert row.identity is not None, "a new row was read whole"
    assert row.number is not None, "as above"
    assert row.valid_from is not None, "as above"
    assert row.valid_until is not None, "as above"
    number = row.identity.number
    return EarlierCertificate(
        person_id=person_id, holder_name=row.texts["name"], sex=row.identity.sex, id_number_index=one.index,
        id_number_masked=f"{number[:4]}{'*' * 10}{number[-4:]}", number=row.number, year=row.year,
        occupation_edition=row.edition, occupation_code=one.code, occupation_name=row.occupation_name,
        issuing_organisation_id=one.issuer_id, issuer_name=one.issuer_name,
        employer_organisation_id=employers.get(row.texts.get("workplace", "")),
        valid_from=row.valid_from, valid_until=row.valid_until,
    )  # fmt: skip


def _enter_entries(
    uow: UnitOfWork,
    actor: Actor,
    import_id: str,
    earlier: Sequence[EarlierCertificate],
    certificates: Sequence[str],
) -> None:
    """Make the entries that stand on certificates just taken over; one whose last day is over is born expired."""
    if not earlier:
        return
    today = local_day(uow.now)
    ids = new_ids(len(earlier))
    over = {entry_id for entry_id, one in zip(ids, earlier, strict=True) if one.valid_until < today}
    uow.session.execute(
        insert(RegistryEntry),
        [
            {
                "id": entry_id, "person_id": one.person_id, "id_number_index": one.id_number_index,
                "holder_name": one.holder_name, "id_number_masked": one.id_number_masked,
                "occupation_edition": one.occupation_edition, "occupation_code": one.occupation_code,
                "occupation_name": one.occupation_name, "level": one.number.level, "certificate_id": certificate_id,
                "certificate_number": str(one.number), "issuing_organisation_id": one.issuing_organisation_id,
                "employer_organisation_id": one.employer_organisation_id,
                "state": EntryState.EXPIRED if entry_id in over else EntryState.ACTIVE,
                "valid_from": one.valid_from, "valid_until": one.valid_until, "registered_at": uow.now,
                "changed_at": uow.now,
            }
            for entry_id, certificate_id, one in zip(ids, certificates, earlier, strict=True)
        ],
    )  # fmt: skip
    details = {
        entry_id: {"certificate_id": certificate_id, "import_id": import_id}
        for entry_id, certificate_id in zip(ids, certificates, strict=True)
    }
    audit.log_many(uow, actor, ENTRY, "create", None, EntryState.ACTIVE, details)
    if over:
        gone = {entry_id: details[entry_id] for entry_id in ids if entry_id in over}
        audit.log_many(uow, actor, ENTRY, "expire", EntryState.ACTIVE, EntryState.EXPIRED, gone)
    index_entries(uow, ids)


def _move(uow: UnitOfWork, actor: Actor, import_id: str, verb: str, changes: dict[str, Any]) -> None:
    state = get_import(uow, import_id).state
    audit.move(uow, actor, REGISTRY_IMPORT, verb, RegistryImport.state, import_id, state, changes=changes)


def _findings(judged: Sequence[JudgedRow]) -> dict[str, Any]:
    """Return what a file keeps of its check: counts, the rows that need a look, and the first of the new ones."""
    counts = {verdict: sum(1 for one in judged if one.verdict is verdict) for verdict in RowVerdict}
    looked_at = [one for one in judged if one.verdict is not RowVerdict.NEW][:MOST_REPORTED]
    shown = [one for one in judged if one.verdict is RowVerdict.NEW][:MOST_SHOWN_NEW]
    return {
        "new_count": counts[RowVerdict.NEW], "known_count": counts[RowVerdict.KNOWN],
        "conflict_count": counts[RowVerdict.CONFLICT], "fault_count": counts[RowVerdict.FAULTY],
        "report": [_reported(one) for one in (*looked_at, *shown)], "trouble": "",
    }  # fmt: skip


def _reported(one: JudgedRow) -> dict[str, Any]:
    row = one.row
    return {
        "verdict": one.verdict.value, "sheet": row.sheet, "row": row.row, "name": row.texts["name"][:40],
        "number": row.texts["number"][:30], "occupation": row.texts["occupation"][:60],
        "level": row.texts["level"][:20], "validity": row.texts["validity"][:60],
        "faults": [
            {
                "field": fault.field, "column": fault.column, "code": fault.code, "row": fault.row,
                # What was typed helps to find the cell; an ID number or a phone stays out (fault G1).
                "value": "" if fault.field in {"id_number", "mobile"} else row.texts.get(fault.field, "")[:60],
            }
            for fault in one.faults
        ],
    }  # fmt: skip
