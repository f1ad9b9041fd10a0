"""Jobs of registers that are taken over: checking files, and entering their rows."""

import logging
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from lms.accounts.queries import actor_of
from lms.certificates.policy.certificates import local_day
from lms.core.actors import Actor
from lms.core.errors import Conflict
from lms.core.storage import MissingFile
from lms.core.unit_of_work import Runtime
from lms.registry.policy.imports import Reading, RegistryImportState, read_register
from lms.registry.policy.judging import judge
from lms.registry.queries.imports import ImportFacts, get_import, given_up, known_of
from lms.registry.service import imports as service
from question_bank.importing import read_sheets

CHECKER = Actor.system("registry.check_import")
SWEEPER = Actor.system("registry.sweep_imports")
log = logging.getLogger(__name__)


def check_import(runtime: Runtime, *, import_id: str, turn: int, now: datetime | None = None) -> None:
    """Read an uploaded register and compare it with this one, without entering anything. Twice changes nothing."""
    facts = _take_up(runtime, import_id, turn, RegistryImportState.WAITING, now)
    if facts is None:
        return
    reading = _read(runtime, facts, now)
    if reading.trouble:
        with runtime.write(now) as uow:
            service.fail_check(uow, CHECKER, import_id, reading.trouble)
        return
    with runtime.read(now) as uow:
        judged = list(judge(reading.rows, known_of(uow, actor_of(uow, facts.asked_by), reading.rows)))
    with runtime.write(now) as uow:
        service.finish_check(uow, CHECKER, import_id, judged)


def enter_import(runtime: Runtime, *, import_id: str, turn: int, now: datetime | None = None) -> None:
    """Enter all new rows of a confirmed register in one transaction, or none. Twice enters once.

    The rows are judged again inside that transaction, so that nothing is entered that became known meanwhile; who
    confirmed acts, within the scope he has now.
    """
    facts = _take_up(runtime, import_id, turn, RegistryImportState.ENTERING, now)
    if facts is None:
        return
    reading = _read(runtime, facts, now)
    if reading.trouble:
        with runtime.write(now) as uow:
            service.stop(uow, CHECKER, import_id, reading.trouble)
        return
    try:
        with runtime.write(now) as uow:
            actor = actor_of(uow, facts.asked_by)
            judged = list(judge(reading.rows, known_of(uow, actor, reading.rows)))
            service.enter(uow, actor, import_id, judged)
    except (Conflict, IntegrityError):
        with runtime.write(now) as uow:
            if get_import(uow, import_id).state is RegistryImportState.ENTERING:
                service.stop(uow, CHECKER, import_id, "overtaken")
        return
    if facts.file_key:
        # A list of people with their numbers is not kept longer than it is needed.
        runtime.storage.remove(facts.file_key)


def sweep_imports(runtime: Runtime) -> None:
    """Say so where a job has given up; nothing was entered then."""
    with runtime.read() as uow:
        abandoned = given_up(uow)
    for facts in abandoned:
        log.warning("registry import %s was given up in state %s", facts.id, facts.state)
        with runtime.write() as uow:
            if facts.state is RegistryImportState.WAITING:
                service.fail_check(uow, SWEEPER, facts.id, "gave_up")
            else:
                service.stop(uow, SWEEPER, facts.id, "gave_up")


def _read(runtime: Runtime, facts: ImportFacts, now: datetime | None) -> Reading:
    try:
        data = runtime.vault.open_bytes(runtime.storage.get(facts.file_key or ""), service.FILE_SEAL)
    except MissingFile:
        return Reading(trouble="unreadable")
    with runtime.read(now) as uow:
        today = local_day(uow.now)
    return read_register(read_sheets(data, facts.filename), today)


def _take_up(
    runtime: Runtime, import_id: str, turn: int, state: RegistryImportState, now: datetime | None
) -> ImportFacts | None:
    with runtime.write(now) as uow:
        facts = get_import(uow, import_id)
        if facts.state is not state or facts.turn != turn:
            return None
        service.begin_work(uow, import_id)
    return facts
