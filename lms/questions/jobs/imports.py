"""Jobs of the questions room: checking uploaded files, and bringing their good rows in."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lms.accounts.queries import mail_address
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid
from lms.core.unit_of_work import Runtime
from lms.notices.mail import send_mail
from lms.questions import queries, service
from lms.questions.annotation import annotated_workbook, as_it_is
from lms.questions.jobs.upkeep import sweep_texts
from lms.questions.pictures import StoredPictures, store_pictures, tie_pictures
from lms.questions.policy import (
    STAGED_AT_ONCE,
    ImportState,
    Judgement,
    LikenessSearch,
    Pair,
    accept_reasons,
    gave_up_reasons,
    is_worth_telling,
)
from lms.questions.queries import BatchFacts
from question_bank.importing import ImportReport, columns_of, heading_row, read_sheets

CHECKER = Actor.system("questions.check_import")
ACCEPTER = Actor.system("questions.accept_import")
SWEEPER = Actor.system("questions.sweep_imports")
PUBLISH_TRIES = 3
"""How often the rows are judged anew when others bring in the same questions at the same time."""

# A job has no reader whose language it could ask for, so a mail says everything in both.
SETTLED_TEXT = """{name}，您好：

您上传的题库文件“{filename}”已经处理完，请打开下面的页面查看结果：

{link}

--

Hello {name},

the work on your question file “{filename}” has ended. Its result is here:

{link}
"""

log = logging.getLogger(__name__)


def check_import(runtime: Runtime, *, batch_id: str, turn: int, now: datetime | None = None) -> None:
    """Read an uploaded file and compare it with the bank, without writing into the bank."""
    batch = _take_up(runtime, batch_id, turn, ImportState.WAITING, now)
    if batch is None:
        return
    data = runtime.storage.get(batch.file_key)
    tables = read_sheets(data, batch.filename)
    choices, name = service.choices_of(batch), batch.profile_name
    columns = columns_of(tables, choices.profile)
    if columns is not None and choices.profile is None:
        with runtime.read(now) as uow:
            saved = queries.saved_profile(uow, columns.key)
        if saved is not None:
            name, profile = saved
            choices = replace(choices, profile=profile)
            columns = columns_of(tables, profile)
    try:
        read = [table for table in tables if heading_row(table, choices.profile) is not None]
        progress = ReadingProgress(runtime, batch_id, turn, sum(len(table.rows) for table in read), now)
        report = service.read_file(batch.filename, data, choices, progress.more)
        progress.finish()
    except Invalid as refusal:
        with runtime.write(now) as uow:
            service.note_columns(uow, batch_id, columns, choices.profile, name)
            service.fail_check(uow, CHECKER, batch_id, refusal.reasons)
        return
    alike = find_alike(runtime, report, now)
    with runtime.read(now) as uow:
        judgement = service.judge_report(uow, report, alike, queries.decisions(uow, batch_id))
    annotated = annotated_workbook(tables, report, judgement, as_it_is, choices.profile)
    # File first, row second (fault E4).
    annotated_key = runtime.storage.put(annotated)
    with runtime.write(now) as uow:
        service.note_columns(uow, batch_id, columns, choices.profile, name)
        service.finish_check(uow, CHECKER, batch_id, judgement, annotated_key)


def accept_import(runtime: Runtime, *, batch_id: str, turn: int, now: datetime | None = None) -> None:
    """Bring every good row of a confirmed file in, or none: aside in small steps, then all in one transaction.

    Killed anywhere, it leaves nothing that anybody sees, and goes on where it was. When somebody brings in
    the same questions meanwhile, the file is judged anew.
    """
    batch = _take_up(runtime, batch_id, turn, ImportState.ACCEPTING, now)
    if batch is None:
        return
    report = service.read_file(batch.filename, runtime.storage.get(batch.file_key), service.choices_of(batch))
    for tries_left in reversed(range(PUBLISH_TRIES)):
        with runtime.read(now) as uow:
            alike = service.alike_as_kept(uow, batch_id, report)
            judgement = service.judge_report(uow, report, alike, queries.decisions(uow, batch_id))
        reasons = accept_reasons(len(judgement.new), len(judgement.versions))
        if reasons:
            _clear(runtime, batch_id, now)
            with runtime.write(now) as uow:
                service.stop(uow, ACCEPTER, batch_id, reasons, judgement)
            return
        stored = store_pictures(runtime.storage, report, judgement.new)
        try:
            bring_in(runtime, batch_id, judgement, stored, now)
        except service.VersionLost as refusal:
            _clear(runtime, batch_id, now)
            with runtime.write(now) as uow:
                service.stop(uow, ACCEPTER, batch_id, refusal.reasons, judgement)
            return
        except Conflict:
            if not tries_left:
                raise
        else:
            tidy_up(runtime, batch_id, now)
            return


def bring_in(
    runtime: Runtime, batch_id: str, judgement: Judgement, stored: StoredPictures, now: datetime | None = None
) -> None:
    """Store the good rows of a judged file: afterwards all of them are on disk and seen by everybody.

    Raises the refusal `stale`, and shows nothing, when somebody brought one of these questions in meanwhile.
    """
    _stage(runtime, batch_id, service.staged_rows(batch_id, judgement), now)
    with runtime.write(now) as uow:
        service.publish(uow, ACCEPTER, batch_id, judgement)
        tie_pictures(uow, batch_id, stored)


def tidy_up(runtime: Runtime, batch_id: str, now: datetime | None = None) -> None:
    """Take away what was written aside of a file whose rows came in, and make these findable by all their words."""
    _clear(runtime, batch_id, now)
    # Else its questions would be found by their words only when the sweeper comes round.
    sweep_texts(runtime)


def tell_import(runtime: Runtime, *, batch_id: str, turn: int, now: datetime | None = None) -> None:
    """Mail the person who asked, when the work took so long that he may have left. Twice sends it twice, no more."""
    with runtime.read(now) as uow:
        batch = queries.get_batch(uow, batch_id)
        if batch.turn != turn or batch.asked_by is None or not is_worth_telling(batch.asked_at, uow.now):
            return
        address = mail_address(uow, batch.asked_by)
    if address is None:
        return
    settings = runtime.settings
    link = f"{settings.base_url}/questions/imports/{batch_id}"
    text = SETTLED_TEXT.format(name=address.name, filename=batch.filename, link=link)
    send_mail(settings, address.email, f"题库文件处理完毕 Question file done · {settings.site_name}", text)


def sweep_imports(runtime: Runtime) -> None:
    """Say so where a job has given up, and take away what it had written aside."""
    with runtime.read() as uow:
        abandoned = queries.given_up(uow)
        left = queries.leftovers(uow)
    for batch in abandoned:
        log.warning("import %s was given up in state %s", batch.id, batch.state)
        if batch.state is ImportState.WAITING:
            with runtime.write() as uow:
                service.fail_check(uow, SWEEPER, batch.id, gave_up_reasons())
            continue
        _clear(runtime, batch.id, None)
        with runtime.write() as uow:
            service.stop(uow, SWEEPER, batch.id, gave_up_reasons())
    for batch_id in left:
        _clear(runtime, batch_id, None)


class ReadingProgress:
    """Writes down how many rows of a table are read, a few times per file; a class because it counts."""

    def __init__(self, runtime: Runtime, batch_id: str, turn: int, total: int, now: datetime | None) -> None:
        self._runtime = runtime
        self._batch_id = batch_id
        self._turn = turn
        self._total = total
        self._now = now
        self._done = 0

    def more(self, rows: int) -> None:
        """Hear that so many more rows are read."""
        self._tell(self._done + rows)

    def finish(self) -> None:
        """Hear that all rows are read, of a table long enough to have been told of."""
        if self._done:
            self._tell(self._total)

    def _tell(self, done: int) -> None:
        self._done = done
        with self._runtime.write(self._now) as uow:
            service.note_progress(uow, self._batch_id, self._turn, self._done, self._total)


def find_alike(runtime: Runtime, report: ImportReport, now: datetime | None) -> dict[str, Pair]:
    """Return the rows of a file that look like another question, by fingerprint; nothing is held while comparing."""
    search = LikenessSearch(report.items)
    with runtime.read(now) as uow:
        stems = queries.stems(uow)
    search.compare(stems)
    with runtime.read(now) as uow:
        items = queries.items_by_id(uow, search.wanted)
    return search.pairs(items)


def _take_up(
    runtime: Runtime, batch_id: str, turn: int, state: ImportState, now: datetime | None
) -> BatchFacts | None:
    with runtime.write(now) as uow:
        batch = queries.get_batch(uow, batch_id)
        if batch.state is not state or batch.turn != turn:
            return None
        service.begin_work(uow, batch_id, turn)
    return batch


def _stage(runtime: Runtime, batch_id: str, rows: Sequence[service.StagedRow], now: datetime | None) -> None:
    with runtime.read(now) as uow:
        superfluous, lacking = service.steps_left(uow, batch_id, rows)
    _drop(runtime, superfluous, now)
    done = len(rows) - len(lacking)
    for start in range(0, len(lacking), STAGED_AT_ONCE):
        some = lacking[start : start + STAGED_AT_ONCE]
        done += len(some)
        with runtime.write(now) as uow:
            service.stage(uow, batch_id, some, done)


def _clear(runtime: Runtime, batch_id: str, now: datetime | None) -> None:
    """Take everything away that is written aside of a file."""
    with runtime.read(now) as uow:
        staged = list(queries.staged_marks(uow, batch_id).values())
    _drop(runtime, staged, now)


def _drop(runtime: Runtime, item_ids: Sequence[str], now: datetime | None) -> None:
    for start in range(0, len(item_ids), STAGED_AT_ONCE):
        with runtime.write(now) as uow:
            service.drop_staged(uow, item_ids[start : start + STAGED_AT_ONCE])
