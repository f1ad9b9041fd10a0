"""Importing as long work: checked by a job, brought in by a job, whole or not at all."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from lms.accounts.policy import Role
from lms.app.invariants import ALL_INVARIANTS
from lms.core import invariants, outbox
from lms.core.actors import Actor
from lms.core.errors import Conflict, Refusal
from lms.core.outbox import MAX_TRIES, OutboxJob
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.questions import queries, service
from lms.questions.jobs import imports as jobs
from lms.questions.models import StagedItem
from lms.questions.policy import ACCEPT_ROWS_MAX, ImportState, accept_reasons
from lms.questions.queries import BatchFacts
from question_bank.exporting.xlsx import write_items
from question_bank.importing import LocatedItem
from question_bank.items import Difficulty, Item
from tests.factories.questions import multiple, single, true_false
from tests.support.people import People
from tests.support.site import ClockControl, Site

OPERATOR = Actor.system("test")
WITHOUT_AREA = "题型,题干,选项A,选项B,答案\n单选,题一（ ）,甲,乙,A\n".encode()


class Killed(BaseException):
    """What a test raises where a worker would be killed: no code of the house catches it."""


def upload(
    runtime: Runtime, data: bytes, name: str = "题.xlsx", choices: service.ReadingChoices | None = None,
    actor: Actor = OPERATOR,
) -> str:  # fmt: skip
    key = runtime.storage.put(data)
    with runtime.write() as uow:
        return service.upload(uow, actor, name, key, len(data), choices or service.ReadingChoices())


def batch_of(runtime: Runtime, batch_id: str) -> BatchFacts:
    with runtime.read() as uow:
        return queries.get_batch(uow, batch_id)


def confirm(runtime: Runtime, batch_id: str, actor: Actor = OPERATOR) -> None:
    with runtime.write() as uow:
        service.confirm(uow, actor, batch_id)


def checked(site: Site, *items: Item, name: str = "题.xlsx") -> str:
    batch_id = upload(site.runtime, write_items(items), name)
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).state is ImportState.CHECKED
    return batch_id


def drawable(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return queries.item_count(uow)


def staged(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return uow.session.execute(select(func.count()).select_from(StagedItem)).scalar_one()


def broken(runtime: Runtime) -> dict[str, invariants.Rows]:
    with runtime.read() as uow:
        return invariants.check(uow, [one for one in ALL_INVARIANTS if one.id != "U4"])


def many(count: int) -> list[Item]:
    return [single(f"第 {number} 题（ ）？") for number in range(count)]


def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STAGED_AT_ONCE", 2)


def test_a_file_is_checked_and_brought_in_by_jobs(site: Site) -> None:
    batch_id = upload(site.runtime, write_items([single(), multiple(), true_false()]))
    waiting = batch_of(site.runtime, batch_id)
    assert (waiting.state, waiting.new_count, waiting.started_at) == (ImportState.WAITING, 0, None)
    site.run_jobs()
    found = batch_of(site.runtime, batch_id)
    assert (found.state, found.new_count, len(found.sample)) == (ImportState.CHECKED, 3, 3)
    assert (drawable(site.runtime), staged(site.runtime)) == (0, 0)
    confirm(site.runtime, batch_id)
    assert batch_of(site.runtime, batch_id).state is ImportState.ACCEPTING
    site.run_jobs()
    done = batch_of(site.runtime, batch_id)
    assert (done.state, done.added_count, done.done) == (ImportState.ACCEPTED, 3, 3)
    assert (drawable(site.runtime), staged(site.runtime), broken(site.runtime)) == (3, 0, {})


def test_the_same_file_twice_adds_nothing_and_confirming_twice_adds_once(site: Site) -> None:
    first = checked(site, single(), multiple())
    for _ in range(2):
        confirm(site.runtime, first)
    site.run_jobs()
    confirm(site.runtime, first)
    site.run_jobs()
    again = checked(site, single(), multiple())
    with pytest.raises(Refusal) as refused:
        confirm(site.runtime, again)
    assert refused.value.reasons[0].code == "import.nothing_new"
    assert drawable(site.runtime) == 2


@pytest.mark.parametrize("steps_before", [0, 1, 2, 3])
def test_a_worker_killed_at_any_step_leaves_nothing_that_is_seen_and_the_next_one_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch, clock: ClockControl, steps_before: int
) -> None:
    small_steps(monkeypatch)
    batch_id = checked(site, *many(5))
    confirm(site.runtime, batch_id)
    stage, steps = service.stage, []

    def dying(*arguments: object) -> None:
        if len(steps) == steps_before:
            raise Killed
        steps.append(1)
        stage(*arguments)  # type: ignore[arg-type]  # the same arguments, whatever they are

    def die(*_: object) -> int:
        raise Killed

    monkeypatch.setattr(service, "stage", dying)
    monkeypatch.setattr(service, "publish", die)
    with pytest.raises(Killed):
        site.run_jobs()
    assert drawable(site.runtime) == 0
    assert staged(site.runtime) == min(2 * steps_before, 5)
    assert batch_of(site.runtime, batch_id).done == min(2 * steps_before, 5)
    assert broken(site.runtime) == {}
    monkeypatch.undo()
    clock.advance(outbox.CLAIM_SECONDS + 1)
    site.run_jobs()
    assert (batch_of(site.runtime, batch_id).added_count, drawable(site.runtime)) == (5, 5)
    assert (staged(site.runtime), broken(site.runtime)) == (0, {})


def test_the_progress_is_seen_while_the_rows_are_written(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    small_steps(monkeypatch)
    batch_id = checked(site, *many(5))
    confirm(site.runtime, batch_id)
    seen: list[tuple[int, int]] = []
    stage = service.stage

    def watched(uow: object, which: str, some: Sequence[LocatedItem], done: int) -> None:
        batch = batch_of(site.runtime, batch_id)
        seen.append((batch.done, drawable(site.runtime)))
        stage(uow, which, some, done)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(service, "stage", watched)
    site.run_jobs()
    assert seen == [(0, 0), (2, 0), (4, 0)]
    assert drawable(site.runtime) == 5


def test_a_question_that_came_in_meanwhile_is_judged_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else brings two of the five in between the judging and the last step."""
    batch_id = checked(site, *many(5))
    confirm(site.runtime, batch_id)
    publish, calls = service.publish, []

    def overtaken(*arguments: object) -> int:
        calls.append(1)
        return publish(*arguments)  # type: ignore[arg-type]  # handed on as it came

    stage = service.stage

    def faster(*arguments: object) -> None:
        stage(*arguments)  # type: ignore[arg-type]  # handed on as it came
        monkeypatch.setattr(service, "stage", stage)

    monkeypatch.setattr(service, "publish", overtaken)
    monkeypatch.setattr(service, "stage", faster)
    original = jobs._stage

    def then_others(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]  # handed on as it came
        if not calls:
            with site.runtime.write() as uow:
                service.import_questions(uow, OPERATOR, "别人.xlsx", write_items(many(2)))

    monkeypatch.setattr(jobs, "_stage", then_others)
    site.run_jobs()
    done = batch_of(site.runtime, batch_id)
    assert len(calls) == 2
    assert (done.state, done.added_count, done.known_count) == (ImportState.ACCEPTED, 3, 2)
    assert (drawable(site.runtime), staged(site.runtime), broken(site.runtime)) == (5, 0, {})


def test_a_file_that_became_known_as_a_whole_is_stopped_with_the_reason(site: Site) -> None:
    first, second = checked(site, single(), name="甲.xlsx"), checked(site, single(), name="乙.xlsx")
    confirm(site.runtime, first)
    confirm(site.runtime, second)
    site.run_jobs()
    states = {batch_of(site.runtime, one).state for one in (first, second)}
    assert states == {ImportState.ACCEPTED, ImportState.CHECKED}
    late = next(one for one in (first, second) if batch_of(site.runtime, one).state is ImportState.CHECKED)
    stopped = batch_of(site.runtime, late)
    assert [reason.code for reason in stopped.troubles] == ["import.nothing_new"]
    assert (stopped.new_count, stopped.known_count, drawable(site.runtime)) == (0, 1, 1)
    assert (staged(site.runtime), broken(site.runtime)) == (0, {})


def test_a_file_that_cannot_be_read_says_so_and_may_be_put_aside(site: Site) -> None:
    batch_id = upload(site.runtime, b"\x00" * 400, "100%s.csv")
    site.run_jobs()
    failed = batch_of(site.runtime, batch_id)
    assert failed.state is ImportState.FAILED
    assert failed.troubles[0].code.startswith("import.")
    with pytest.raises(Conflict):
        confirm(site.runtime, batch_id)
    for _ in range(2):
        with site.runtime.write() as uow:
            service.discard_batch(uow, OPERATOR, batch_id)
    assert batch_of(site.runtime, batch_id).state is ImportState.DISCARDED
    with pytest.raises(Conflict), site.runtime.write() as uow:
        service.check_again(uow, OPERATOR, batch_id)


def test_a_file_is_checked_again_with_other_choices(site: Site) -> None:
    batch_id = upload(site.runtime, WITHOUT_AREA, "题.csv")
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).new_count == 0
    with site.runtime.write() as uow:
        service.check_again(uow, OPERATOR, batch_id, service.ReadingChoices("policy", Difficulty.HARD))
    site.run_jobs()
    again = batch_of(site.runtime, batch_id)
    assert (again.turn, again.new_count) == (2, 1)
    assert [(one.item.area, one.item.difficulty) for one in again.sample] == [("policy", Difficulty.HARD)]


@pytest.mark.parametrize("is_accepting", [False, True])
def test_work_that_was_given_up_is_swept_and_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch, clock: ClockControl, *, is_accepting: bool
) -> None:
    small_steps(monkeypatch)
    batch_id = checked(site, *many(5)) if is_accepting else upload(site.runtime, write_items(many(1)))
    if is_accepting:
        confirm(site.runtime, batch_id)

    def fail(*_: object) -> int:
        raise ValueError

    monkeypatch.setattr(service, "publish", fail)
    monkeypatch.setattr(service, "judge_report" if not is_accepting else "publish", fail)
    for _ in range(MAX_TRIES):
        site.run_jobs()
        clock.advance(400)
    with site.runtime.read() as uow:
        assert uow.session.scalars(select(OutboxJob.failed_at).where(OutboxJob.failed_at.is_not(None))).all()
    assert batch_of(site.runtime, batch_id).state in {ImportState.WAITING, ImportState.ACCEPTING}
    jobs.sweep_imports(site.runtime)
    swept = batch_of(site.runtime, batch_id)
    assert swept.state is (ImportState.CHECKED if is_accepting else ImportState.FAILED)
    assert [reason.code for reason in swept.troubles] == ["import.gave_up"]
    assert (drawable(site.runtime), staged(site.runtime)) == (0, 0)
    monkeypatch.undo()
    if is_accepting:
        confirm(site.runtime, batch_id)
    else:
        with site.runtime.write() as uow:
            service.check_again(uow, OPERATOR, batch_id)
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).state is (
        ImportState.ACCEPTED if is_accepting else ImportState.CHECKED
    )


@pytest.mark.parametrize("waited", [5, 60])
def test_who_waited_long_is_told_by_mail(
    site: Site, people: People, clock: ClockControl, waited: int
) -> None:
    member = people.staff(Role.QUESTION_ADMIN)
    batch_id = upload(site.runtime, write_items([single()]), actor=people.actor(member))
    clock.advance(waited)
    site.run_jobs()
    mails = list((site.settings.instance_dir / "mail").glob("*.eml"))
    assert len(mails) == (1 if waited >= 60 else 0)
    assert batch_of(site.runtime, batch_id).asked_by == member.id


def test_a_file_of_too_many_rows_is_refused_with_the_limit() -> None:
    assert accept_reasons(ACCEPT_ROWS_MAX) == []
    (reason,) = accept_reasons(ACCEPT_ROWS_MAX + 1)
    assert reason.params == {"limit": ACCEPT_ROWS_MAX, "count": ACCEPT_ROWS_MAX + 1}


def test_an_older_turn_of_a_job_does_nothing(site: Site) -> None:
    batch_id = checked(site, single())
    confirm(site.runtime, batch_id)
    jobs.accept_import(site.runtime, batch_id=batch_id, turn=1)
    jobs.check_import(site.runtime, batch_id=batch_id, turn=2)
    assert batch_of(site.runtime, batch_id).state is ImportState.ACCEPTING
    assert drawable(site.runtime) == 0


def test_what_a_killed_worker_left_after_the_rows_came_in_is_taken_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = checked(site, *many(3))
    confirm(site.runtime, batch_id)

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(jobs, "_clear", die)
    with pytest.raises(Killed):
        site.run_jobs()
    monkeypatch.undo()
    assert (drawable(site.runtime), staged(site.runtime), broken(site.runtime)) == (3, 3, {})
    jobs.sweep_imports(site.runtime)
    assert (drawable(site.runtime), staged(site.runtime)) == (3, 0)


def test_the_page_says_how_many_rows_are_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("question_bank.importing.sheets.ROWS_TOLD_AT_ONCE", 2)
    seen: list[tuple[int, int]] = []
    note = service.note_progress

    def noting(uow: UnitOfWork, batch_id: str, turn: int, done: int, total: int) -> None:
        seen.append((done, total))
        note(uow, batch_id, turn, done, total)

    monkeypatch.setattr(service, "note_progress", noting)
    batch_id = upload(site.runtime, write_items(many(5)))
    site.run_jobs()
    assert seen == [(2, 6), (4, 6), (6, 6)]
    assert batch_of(site.runtime, batch_id).total == 6
