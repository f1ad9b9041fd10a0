"""What the public check and an employer's list are answered from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from lms.certificates.file_traces import FileTraces
from lms.certificates.numbers import CertificateNumber, normalise_number
from lms.certificates.policy.certificates import MAX_NAME_LENGTH, Standing
from lms.certificates.queries.certificates import CertificateFacts, find_by_numbers
from lms.certificates.queries.files import (
    certificates_by_code,
    certificates_by_file,
    known_seals,
)
from lms.core.errors import N_
from lms.core.unit_of_work import UnitOfWork
from lms.plans.policy import ExaminerLevel
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import EntryStanding, EntryState, entry_standing
from lms.registry.policy.files import BatchRow, FileVerdict, Finding, RowState, judge
from lms.registry.queries.entries import PublicView, public_view
from question_bank.phrases import Phrase


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What is said of a file, and what the register says of the certificate it is or was made from."""

    verdict: FileVerdict
    findings: tuple[Finding, ...]
    view: PublicView | None
    certificate: CertificateFacts | None
    """For the address of the answer; it is not shown."""


def answer_file(uow: UnitOfWork, traces: FileTraces) -> FileAnswer:
    """Judge a file by the register as it is now."""
    stored = certificates_by_file(uow, [traces.sha256, *(sha256 for _end, sha256 in traces.earlier)])
    genuine = stored.pop(traces.sha256, None)
    by_code = certificates_by_code(uow, traces.codes)
    seals = known_seals(uow, (trace.seal_id for trace in traces.signatures))
    judged = judge(
        traces, seals, is_stored=genuine is not None, was_stored=bool(stored), names_ours=bool(by_code)
    )
    shown = genuine or next(iter(stored.values()), None) or next(iter(by_code), None)
    view = public_view(uow, shown) if shown else None
    return FileAnswer(judged.verdict, judged.findings, view, shown)


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """The answer to one row of a list; `number` and `name` are those that were typed."""

    row: int
    number: str
    name: str
    standing: Standing | EntryStanding | RowState
    fault: str = ""
    """What is wrong with a faulty row."""
    occupation: Phrase | None = None
    level: ExaminerLevel | None = None
    valid_until: date | None = None


def answer_rows(uow: UnitOfWork, rows: Sequence[BatchRow]) -> list[RowAnswer]:
    """Answer an employer's list. A number with another name than the holder's is not found, like one nobody has."""
    wanted = {(normalise_number(one.number), one.name) for one in rows if not _fault(one)}
    certificates = find_by_numbers(uow, wanted)
    entries = _entry_standings(uow, certificates.values())
    return [_answer(uow, one, certificates, entries) for one in rows]


def _answer(
    uow: UnitOfWork,
    typed: BatchRow,
    certificates: dict[tuple[str, str], CertificateFacts],
    entries: dict[str, EntryStanding],
) -> RowAnswer:
    if fault := _fault(typed):
        return RowAnswer(typed.row, typed.number, typed.name, RowState.FAULTY, fault)
    found = certificates.get((normalise_number(typed.number), typed.name))
    if found is None:
        return RowAnswer(typed.row, typed.number, typed.name, RowState.NOT_FOUND)
    standing: Standing | EntryStanding = found.standing(uow.now)
    if standing in (Standing.VALID, Standing.EXPIRING):
        standing = entries.get(found.id, standing)
    return RowAnswer(
        typed.row, typed.number, typed.name, standing, "", found.occupation, found.level, found.valid_until
    )


def _fault(typed: BatchRow) -> str:
    if not typed.number:
        return N_("没有填写证书编号")
    if CertificateNumber.parse(typed.number) is None:
        return N_("证书编号为 15 位数字（旧证 14 位）")
    if not typed.name:
        return N_("没有填写姓名")
    return N_("姓名太长") if len(typed.name) > MAX_NAME_LENGTH else ""


def _entry_standings(uow: UnitOfWork, certificates: Iterable[CertificateFacts]) -> dict[str, EntryStanding]:
    """Return how the entries stand that rest on certificates, in one statement."""
    ids = {one.id for one in certificates}
    rows = uow.session.execute(
        select(RegistryEntry.certificate_id, RegistryEntry.state, RegistryEntry.valid_until).where(
            RegistryEntry.certificate_id.in_(ids), RegistryEntry.state != EntryState.MERGED
        )
    )
    return {
        row.certificate_id: entry_standing(EntryState(row.state), row.valid_until, uow.now) for row in rows
    }
