"""Certificates that are not there yet: passed applications without a number, numbers without a file, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, select

from lms.accounts.models import Organisation, Profile
from lms.accounts.queries import get_organisation, within
from lms.certificates.models.certificates import Certificate, NumberSequence
from lms.certificates.numbers import LAST_SERIAL, exhausted, rule_reasons
from lms.certificates.policy.certificates import (
    CertificateState,
    Sheet,
    already_certified,
    fonts_missing,
    local_day,
    missing_glyphs,
    occupation_words,
    sheet_reasons,
)
from lms.certificates.policy.versions import STATE_BEFORE, cannot_give_way
from lms.certificates.queries.certificates import find_standing_version, get_certificate, sheet_of
from lms.certificates.queries.versions import live_number, number_to_keep, rival_number
from lms.core.errors import NotFound, Reason
from lms.core.glyphs import MissingFont, uncovered
from lms.core.outbox import OutboxJob
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import CompletedApplication, completed_application_facts
from lms.plans.policy import ExaminerLevel
from question_bank.phrases import Phrase

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Job:
    """How the job stands that was to do it: how often it was tried, and what it met last."""

    id: str
    tries: int
    last_error: str
    is_dead: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A certificate that somebody waits for, and why it is not there."""

    id: str
    """Of the application while there is no number, of the certificate afterwards."""
    holder_name: str
    occupation: Phrase
    level: ExaminerLevel
    issuer_name: str
    number: str
    version: int
    since: datetime
    reasons: tuple[Reason, ...]
    """Why it cannot be done as things stand; empty when nothing is in the way any more."""
    job: Job | None


def unnumbered(uow: UnitOfWork, scopes: Sequence[str], limit: int = SHOWN) -> list[Unfinished]:
    """Return passed applications within some scopes that have no certificate, the oldest first."""
    rows = uow.session.execute(
        select(Application, Organisation.name, Profile.name)
        .join(Organisation, Organisation.id == Application.issuing_organisation_id)
        .outerjoin(Profile, Profile.person_id == Application.person_id)
        .outerjoin(Certificate, Certificate.application_id == Application.id)
        .where(Application.outcome == Outcome.COMPLETED, Certificate.id.is_(None), _inside(scopes))
        .order_by(Application.ended_at)
        .limit(limit)
    ).all()
    jobs = _jobs(uow, {one.id: numbering_key(one.id) for one, _, _ in rows})
    return [
        Unfinished(
            one.id, name or "", occupation_words(one.occupation_name, one.occupation_code, one.occupation_edition),
            ExaminerLevel(one.level), issuer, "", 1, one.ended_at or one.created_at,
            tuple(numbering_reasons(uow, one.id)), jobs.get(one.id),
        )
        for one, issuer, name in rows
    ]  # fmt: skip


def unprinted_in(
    uow: UnitOfWork, scopes: Sequence[str], font_dir: Path, limit: int = SHOWN
) -> list[Unfinished]:
    """Return numbered certificates within some scopes that are not printed, the oldest first."""
    rows = uow.session.execute(
        select(Certificate, Organisation.name)
        .join(Organisation, Organisation.id == Certificate.issuing_organisation_id)
        .where(Certificate.state == CertificateState.PENDING, _inside(scopes))
        .order_by(Certificate.created_at)
        .limit(limit)
    ).all()
    jobs = _jobs(uow, {one.id: printing_key(one.id) for one, _ in rows})
    return [
        Unfinished(
            one.id, one.holder_name,
            occupation_words(one.occupation_name, one.occupation_code, one.occupation_edition),
            ExaminerLevel(one.level), issuer, one.number, one.version, one.created_at,
            tuple(printing_reasons(uow, one.id, font_dir)), jobs.get(one.id),
        )
        for one, issuer in rows
    ]  # fmt: skip


def numbering_reasons(uow: UnitOfWork, application_id: str) -> list[Reason]:
    """Say why a passed application cannot have its number now; the same rules as `service.certify` (H1, C4)."""
    completion = completed_application_facts(uow, application_id)
    issuer = get_organisation(uow, completion.issuing_organisation_id)
    if reasons := rule_reasons(completion.number_rule, issuer.code):
        return reasons
    year = local_day(uow.now).year
    last = uow.session.scalar(
        select(NumberSequence.last).where(
            NumberSequence.number_rule == completion.number_rule, NumberSequence.year == year,
            NumberSequence.institution_code == issuer.code, NumberSequence.level == completion.level,
        )
    )  # fmt: skip
    if last is not None and last >= LAST_SERIAL and not number_to_keep(uow, completion, issuer.code):
        return list(exhausted(year, issuer.code).reasons)
    if live := _in_the_way(uow, completion):
        return [already_certified(live)]
    return []


def printing_reasons(uow: UnitOfWork, certificate_id: str, font_dir: Path) -> list[Reason]:
    """Say why a numbered certificate cannot be printed and issued now; the same rules as the printer's (F6, C4)."""
    certificate = get_certificate(uow, certificate_id)
    sheet, _photo = sheet_of(uow, certificate_id)
    reasons = sheet_reasons(sheet) + _glyph_reasons(sheet, font_dir)
    if (cause := certificate.version_cause) is not None:
        if number := rival_number(uow, certificate):
            reasons.append(already_certified(number))
        standing = find_standing_version(uow, certificate.number)
        if standing is None or standing.state is not STATE_BEFORE.get(cause, CertificateState.ISSUED):
            reasons.append(cannot_give_way())
    return reasons


def scope_of_application(uow: UnitOfWork, application_id: str) -> str:
    """Return the path of the organisation that issues for an application. Raises NotFound."""
    path = uow.session.scalar(
        select(Organisation.path)
        .join(Application, Application.issuing_organisation_id == Organisation.id)
        .where(Application.id == application_id)
    )
    if path is None:
        raise NotFound
    return path


def scope_of_certificate(uow: UnitOfWork, certificate_id: str) -> str:
    """Return the path of the organisation that issues a certificate. Raises NotFound."""
    path = uow.session.scalar(
        select(Organisation.path)
        .join(Certificate, Certificate.issuing_organisation_id == Organisation.id)
        .where(Certificate.id == certificate_id)
    )
    if path is None:
        raise NotFound
    return path


def numbering_key(application_id: str) -> str:
    """Return the key of the job that numbers an application's certificate."""
    return f"certificates.issue:{application_id}"


def printing_key(certificate_id: str) -> str:
    """Return the key of the job that prints a certificate."""
    return f"certificates.render:{certificate_id}"


def job_of(uow: UnitOfWork, key: str) -> Job | None:
    """Return how the job of a key stands, or None when there was none."""
    return _jobs(uow, {"": key}).get("")


def _jobs(uow: UnitOfWork, keys: dict[str, str]) -> dict[str, Job]:
    rows = uow.session.scalars(select(OutboxJob).where(OutboxJob.key.in_(keys.values())))
    found = {row.key: Job(row.id, row.tries, row.last_error or "", row.failed_at is not None) for row in rows}
    return {name: found[key] for name, key in keys.items() if key in found}


def _inside(scopes: Sequence[str]) -> ColumnElement[bool]:
    return within(Organisation.path, scopes)


def _in_the_way(uow: UnitOfWork, completion: CompletedApplication) -> str:
    return live_number(
        uow, completion.id_number_index, completion.occupation_edition, completion.occupation_code,
        completion.level, still_valid_on=local_day(uow.now),
    )  # fmt: skip


def _glyph_reasons(sheet: Sheet, font_dir: Path) -> list[Reason]:
    try:
        missing = uncovered(sheet.text(), font_dir)
    except MissingFont:
        return [fonts_missing()]
    return [missing_glyphs(missing)] if missing else []
