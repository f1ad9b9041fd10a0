"""Scores are corrected by two persons, exactly, and everything follows: spine, certificate, register; and back."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.accounts.policy import Role
from lms.certificates.invariants import INVARIANTS as CERTIFICATES
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.decisions import Verdict
from lms.certificates.queries.certificates import find_by_application
from lms.certificates.queries.decisions import standing_decision
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.invariants import check
from lms.enrolment.policy import Outcome, StageState
from lms.enrolment.queries import application_facts
from lms.exam.invariants import INVARIANTS
from lms.exam.models.corrections import Correction
from lms.exam.policy.corrections import CorrectionState
from lms.exam.queries import get_correction, misgraded, saved_answers, score_changes
from lms.exam.service import corrections
from lms.plans.policy import StageKind
from lms.registry.errors import NotMovable
from lms.registry.invariants import INVARIANTS as REGISTRY
from lms.registry.policy.entries import EntryState
from lms.registry.queries.entries import find_entry_of, public_view
from lms.registry.service import decisions as registry_decisions
from lms.registry.service import entries as registry
from question_bank.correcting import KEYED, CorrectionKind
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.desk import WORDS, Desk, entry_at, letters_of, paper_of, sit, wording
from tests.support.site import ClockControl, Site

FOLLOWED_SECONDS = 200
KINDS = list(CorrectionKind)


@pytest.fixture
def desk(house: ExamHouse) -> Desk:
    return Desk(house)


def assert_sound(house: ExamHouse) -> None:
    with house.runtime.read() as uow:
        assert check(uow, [*INVARIANTS, *CERTIFICATES, *REGISTRY]) == {}


def stage_of(house: ExamHouse, candidate: Candidate) -> tuple[StageState, Outcome | None]:
    with house.runtime.read() as uow:
        facts = application_facts(uow, candidate.application_id)
    stage = facts.stage(StageKind.EXAM)
    assert stage is not None
    return stage.state, facts.outcome


def test_a_wrong_key_is_corrected_and_a_fail_becomes_a_pass(house: ExamHouse, desk: Desk, site: Site) -> None:
    candidate = house.candidate()
    # One single (10) and one true/false question (5) wrong: 85 points.
    attempt_id = sit(house, candidate, wrong=[1, 9])
    assert (house.attempt(attempt_id).score, house.attempt(attempt_id).passed) == (8500, False)
    with house.runtime.read() as uow:
        saved = saved_answers(uow, attempt_id)[1].chosen
    entry = entry_at(house.runtime, attempt_id, 1)
    letters = letters_of(house.runtime, attempt_id, 1, saved)
    correction_id = desk.propose(entry.item_fingerprint, CorrectionKind.ALSO, letters)
    assert house.attempt(attempt_id).score == 8500, "a proposal changes nothing"
    found = desk.dry_run(correction_id)
    assert [(one.attempt_id, one.before.score, one.after.score) for one in found.changes] == [
        (attempt_id, 8500, 9500)
    ]
    assert (found.to_pass, found.to_fail) == (1, 0)
    desk.release(correction_id)
    assert (house.attempt(attempt_id).score, house.attempt(attempt_id).passed) == (9500, True)
    assert stage_of(house, candidate) == (StageState.PASSED, Outcome.COMPLETED)
    site.run_jobs()
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
    assert certificate is not None
    assert certificate.state is CertificateState.ISSUED
    assert_sound(house)
    desk.take_back(correction_id)
    assert (house.attempt(attempt_id).score, house.attempt(attempt_id).passed) == (8500, False)
    assert stage_of(house, candidate) == (StageState.OPEN, None), "one attempt is left"
    site.run_jobs()
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        assert certificate.state is CertificateState.SUSPENDED
        entry_ = find_entry_of(uow, certificate.id)
        assert entry_ is not None
        assert entry_.state is EntryState.SUSPENDED
        assert public_view(uow, certificate).standing == "suspended"
        assert [line.after.score for line in score_changes(uow, attempt_id=attempt_id)] == [9500, 8500]
    assert_sound(house)


def test_what_two_persons_decide_about_a_suspended_certificate(
    house: ExamHouse, desk: Desk, site: Site
) -> None:
    candidate, entry_id, correction_id = suspended(house, desk, site)
    registrars = [house.people.actor(house.people.staff(Role.REGISTRAR)) for _ in range(2)]
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        suspension = standing_decision(uow, certificate.id)
    assert suspension is not None
    for act in (registry.resume, registry_decisions.propose_revocation):
        with pytest.raises(NotMovable), house.runtime.write() as uow:
            act(uow, registrars[0], entry_id, "一个人不能决定")
    with house.runtime.write() as uow:
        registry_decisions.propose(
            uow, registrars[0], entry_id, suspension.id, Verdict.KEEP, "更正公布前已上岗"
        )
    with pytest.raises(Refusal) as refused, house.runtime.write() as uow:
        registry_decisions.decide(uow, registrars[0], entry_id, suspension.id)
    assert [one.code for one in refused.value.reasons] == ["decision.second_person"]
    with house.runtime.write() as uow:
        registry_decisions.hand_back(uow, registrars[1], entry_id, suspension.id, "依据不足")
        registry_decisions.propose(
            uow, registrars[1], entry_id, suspension.id, Verdict.REVOKE, "更正后不合格"
        )
    with house.runtime.write() as uow:
        registry_decisions.decide(uow, registrars[0], entry_id, suspension.id)
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        assert certificate.state is CertificateState.REVOKED
        found = find_entry_of(uow, certificate.id)
        assert found is not None
        assert found.state is EntryState.REVOKED
    desk.take_back(correction_id)
    site.run_jobs()
    assert stage_of(house, candidate)[0] is StageState.PASSED
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        assert certificate.state is CertificateState.REVOKED, "what was revoked never comes back (C5)"
    assert_sound(house)


def test_a_certificate_that_two_persons_keep_stays_and_is_not_suspended_again(
    house: ExamHouse, desk: Desk, site: Site
) -> None:
    candidate, entry_id, _ = suspended(house, desk, site)
    registrars = [house.people.actor(house.people.staff(Role.REGISTRAR)) for _ in range(2)]
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        suspension = standing_decision(uow, certificate.id)
    assert suspension is not None
    with house.runtime.write() as uow:
        registry_decisions.propose(
            uow, registrars[0], entry_id, suspension.id, Verdict.KEEP, "更正公布前已上岗"
        )
    with house.runtime.write() as uow:
        registry_decisions.decide(uow, registrars[1], entry_id, suspension.id)
    site.run_jobs()
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        assert certificate.state is CertificateState.ISSUED
        found = find_entry_of(uow, certificate.id)
        assert found is not None
        assert found.state is EntryState.ACTIVE
    assert_sound(house)


def suspended(house: ExamHouse, desk: Desk, site: Site) -> tuple[Candidate, str, str]:
    """Let somebody pass, get his certificate, and lose the pass by a correction; return him, entry and correction."""
    candidate = house.candidate()
    attempt_id = sit(house, candidate, wrong=[9, 10])
    assert house.attempt(attempt_id).score == 9000
    site.run_jobs()
    correct = entry_at(house.runtime, attempt_id, 1)
    letters = letters_of(house.runtime, attempt_id, 1, correct.shown - correct.correct)
    correction_id = desk.correct(correct.item_fingerprint, CorrectionKind.INSTEAD, letters[:1])
    assert (house.attempt(attempt_id).score, house.attempt(attempt_id).passed) == (8000, False)
    site.run_jobs()
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        assert certificate.state is CertificateState.SUSPENDED
        entry = find_entry_of(uow, certificate.id)
    assert entry is not None
    return candidate, entry.id, correction_id


def test_a_correction_taken_back_brings_certificate_and_entry_back_by_itself(
    house: ExamHouse, desk: Desk, site: Site, clock: ClockControl
) -> None:
    candidate, _, correction_id = suspended(house, desk, site)
    clock.advance(FOLLOWED_SECONDS)
    assert_sound(house)
    desk.take_back(correction_id)
    assert stage_of(house, candidate) == (StageState.PASSED, Outcome.COMPLETED)
    site.run_jobs()
    clock.advance(FOLLOWED_SECONDS)
    with house.runtime.read() as uow:
        certificate = find_by_application(uow, candidate.application_id)
        assert certificate is not None
        assert certificate.state is CertificateState.ISSUED
        entry = find_entry_of(uow, certificate.id)
        assert entry is not None
        assert entry.state is EntryState.ACTIVE
    assert_sound(house)


def test_a_void_question_takes_its_part_of_the_pass_mark_with_it(house: ExamHouse, desk: Desk) -> None:
    right, wrong = house.candidate(), house.candidate()
    passed = sit(house, right, wrong=[9, 10])
    entry = entry_at(house.runtime, passed, 1)
    desk.correct(entry.item_fingerprint, CorrectionKind.VOID)
    attempt = house.attempt(passed)
    # 80 of 90 are less than nine tenths of 90.
    assert (attempt.score, attempt.full_score, attempt.passed) == (8000, 9000, False)
    later = sit(house, wrong, wrong=[9])
    key = {one.position: one for one in paper_of(house.runtime, later)[0].entries}
    holds = any(one.item_fingerprint == entry.item_fingerprint for one in key.values())
    attempt = house.attempt(later)
    assert attempt.full_score == (9000 if holds else 10000), "who sits later is graded by what is in force"
    assert_sound(house)


def test_one_person_alone_corrects_nothing(house: ExamHouse, desk: Desk, candidate: Candidate) -> None:
    attempt_id = sit(house, candidate, wrong=[1])
    fingerprint = entry_at(house.runtime, attempt_id, 1).item_fingerprint
    correction_id = desk.propose(fingerprint, CorrectionKind.CREDIT)
    with pytest.raises(Refusal) as refused:
        desk.release(correction_id, desk.first)
    assert [one.code for one in refused.value.reasons] == ["correction.second_person"]
    with pytest.raises(IntegrityError), house.runtime.write() as uow:
        uow.session.execute(update(Correction).values(released_by=desk.first.person_id))
    desk.release(correction_id)
    with house.runtime.write() as uow:
        corrections.ask_back(uow, desk.first, correction_id, WORDS)
    found = desk.dry_run(correction_id, reverse=True)
    with pytest.raises(Refusal), house.runtime.write() as uow:
        corrections.reverse(uow, desk.first, correction_id, found, found.digest)
    with house.runtime.write() as uow:
        corrections.keep(uow, desk.second, correction_id, WORDS)
    with house.runtime.read() as uow:
        assert get_correction(uow, desk.first, correction_id).correction.state is CorrectionState.IN_FORCE
    assert house.attempt(attempt_id).score == 10000


def test_nobody_puts_a_correction_of_his_own_score_in_force_or_takes_it_back(
    house: ExamHouse, desk: Desk, candidate: Candidate
) -> None:
    attempt_id = sit(house, candidate, wrong=[1])
    correction_id = desk.propose(
        entry_at(house.runtime, attempt_id, 1).item_fingerprint, CorrectionKind.CREDIT
    )
    himself = replace(candidate.actor, grants=desk.second.grants)
    with pytest.raises(Refusal) as refused:
        desk.release(correction_id, himself)
    assert [one.code for one in refused.value.reasons] == ["correction.own_score"]
    desk.release(correction_id)
    with house.runtime.write() as uow:
        corrections.ask_back(uow, desk.first, correction_id, WORDS)
    found = desk.dry_run(correction_id, reverse=True)
    with pytest.raises(Refusal) as refused, house.runtime.write() as uow:
        corrections.reverse(uow, himself, correction_id, found, found.digest)
    assert [one.code for one in refused.value.reasons] == ["correction.own_score"]


def test_what_is_released_is_the_list_that_was_seen(house: ExamHouse, desk: Desk) -> None:
    first = sit(house, house.candidate(), wrong=[1])
    fingerprint = entry_at(house.runtime, first, 1).item_fingerprint
    correction_id = desk.propose(fingerprint, CorrectionKind.CREDIT)
    seen = desk.dry_run(correction_id)
    sit(house, house.candidate(), wrong=[2])
    with pytest.raises(Conflict), house.runtime.write() as uow:
        corrections.release(uow, desk.second, correction_id, seen, seen.digest)
    fresh = desk.dry_run(correction_id)
    with pytest.raises(Conflict), house.runtime.write() as uow:
        corrections.release(uow, desk.second, correction_id, fresh, "0" * 64)
    assert house.attempt(first).score == 9000, "nothing was kept"
    desk.release(correction_id)
    assert house.attempt(first).score == 10000


def test_a_second_attempt_that_runs_while_the_first_becomes_a_pass_does_no_harm(
    house: ExamHouse, desk: Desk, candidate: Candidate
) -> None:
    first = sit(house, candidate, wrong=[1, 9])
    second = house.start(candidate)
    fingerprint = entry_at(house.runtime, first, 1).item_fingerprint
    desk.correct(fingerprint, CorrectionKind.CREDIT)
    assert stage_of(house, candidate) == (StageState.PASSED, Outcome.COMPLETED)
    house.hand_in(candidate, second)
    assert house.attempt(second).passed is False
    assert stage_of(house, candidate) == (StageState.PASSED, Outcome.COMPLETED)
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_both_attempts_used_up_and_a_correction_still_opens_the_way(
    house: ExamHouse, desk: Desk, candidate: Candidate
) -> None:
    first = sit(house, candidate, wrong=[1, 9])
    sit(house, candidate, wrong=[1, 2, 3])
    assert stage_of(house, candidate) == (StageState.FAILED, Outcome.FAILED)
    correction_id = desk.correct(entry_at(house.runtime, first, 1).item_fingerprint, CorrectionKind.CREDIT)
    assert stage_of(house, candidate) == (StageState.PASSED, Outcome.COMPLETED)
    desk.take_back(correction_id)
    assert stage_of(house, candidate) == (StageState.FAILED, Outcome.FAILED)


def test_more_than_a_third_of_a_paper_is_never_void(house: ExamHouse, desk: Desk) -> None:
    attempt_id = sit(house, house.candidate())
    key, _ = paper_of(house.runtime, attempt_id)
    # Two multiple-choice questions are 30 points, one single-choice question 10 more.
    for position in (7, 8):
        desk.correct(key.entries[position - 1].item_fingerprint, CorrectionKind.VOID)
    last = desk.propose(key.entries[0].item_fingerprint, CorrectionKind.VOID)
    with pytest.raises(Refusal) as refused:
        desk.release(last)
    assert [one.code for one in refused.value.reasons] == ["correction.void_share"]


def test_the_present_key_is_no_correction_and_is_called_so_only_when_it_may_be_known(
    house: ExamHouse, desk: Desk, clock: ClockControl
) -> None:
    attempt_id = sit(house, house.candidate())
    entry = entry_at(house.runtime, attempt_id, 1)
    own = letters_of(house.runtime, attempt_id, 1, entry.correct)
    desk.propose(entry.item_fingerprint, CorrectionKind.ALSO, own)
    clock.advance(5 * 3600)
    with pytest.raises(Invalid) as refused:
        desk.propose(entry.item_fingerprint, CorrectionKind.ALSO, own)
    assert [one.code for one in refused.value.reasons] == ["correction.same_key"]


def test_a_foreign_administrator_and_a_senseless_key_get_nowhere(house: ExamHouse, desk: Desk) -> None:
    attempt_id = sit(house, house.candidate())
    entry = entry_at(house.runtime, attempt_id, 1)
    for accepted in ((), ("Z",), ("A", "B")):
        with pytest.raises(Invalid):
            desk.propose(entry.item_fingerprint, CorrectionKind.ALSO, accepted)
    with pytest.raises(NotFound):
        desk.propose("0" * 64, CorrectionKind.VOID)
    correction_id = desk.propose(entry.item_fingerprint, CorrectionKind.CREDIT)
    foreign = house.people.actor(
        house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.other_city_id)
    )
    with pytest.raises(NotFound):
        desk.release(correction_id, foreign)


def test_whatever_the_order_of_corrections_and_reversals_scores_are_those_of_a_fresh_grading(
    house: ExamHouse, desk: Desk
) -> None:
    """The story begins again where it ended: after each, everything is taken back, to the last bit."""
    people = [house.candidate() for _ in range(3)]
    ids = [
        sit(house, one, wrong=wrong) for one, wrong in zip(people, ([9, 10], [1, 9], [2, 3, 4]), strict=True)
    ]
    fingerprints = sorted(
        {entry.item_fingerprint for one in ids for entry in paper_of(house.runtime, one)[0].entries}
    )
    before = [everything(house, person, attempt) for person, attempt in zip(people, ids, strict=True)]

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(KINDS), st.booleans()), max_size=6))
    def story(steps: list[tuple[int, CorrectionKind, bool]]) -> None:
        standing: list[str] = []
        for number, kind, takes_back in steps:
            if takes_back and standing:
                desk.take_back(standing.pop(number % len(standing)))
            else:
                fingerprint = fingerprints[number % len(fingerprints)]
                accepted = other_key(house, fingerprint, number) if kind in KEYED else ()
                correction_id = desk.propose(fingerprint, kind, accepted)
                try:
                    desk.release(correction_id)
                    standing.append(correction_id)
                except Refusal:
                    with house.runtime.write() as uow:
                        corrections.withdraw(uow, desk.second, correction_id, WORDS)
            with house.runtime.read() as uow:
                assert list(misgraded(uow)) == []
                assert check(uow, INVARIANTS) == {}
            for person, attempt_id in zip(people, ids, strict=True):
                assert (stage_of(house, person)[0] is StageState.PASSED) is house.attempt(attempt_id).passed
        for correction_id in sorted(standing):
            desk.take_back(correction_id)
        after = [everything(house, person, attempt) for person, attempt in zip(people, ids, strict=True)]
        assert after == before

    story()


def everything(house: ExamHouse, candidate: Candidate, attempt_id: str) -> tuple[object, ...]:
    attempt = house.attempt(attempt_id)
    return (
        attempt.score, attempt.full_score, attempt.passed, attempt.breakdown, *stage_of(house, candidate),
    )  # fmt: skip


def other_key(house: ExamHouse, fingerprint: str, number: int) -> tuple[str, ...]:
    """Return another key than the wording's own."""
    item = wording(house.runtime, fingerprint)
    others = [option.key for option in item.options if option.key not in item.answer]
    return (others[number % len(others)],)
