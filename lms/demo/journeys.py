"""The life of one trainee, from registering to as far as the road goes; each act looks first whether it was done."""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from lms.accounts import service as accounts
from lms.accounts.photo import clean_photo
from lms.accounts.policy import REQUIRED_CONSENTS
from lms.accounts.queries import actor_of, find_person_by_login
from lms.certificates.policy.certificates import local_day
from lms.certificates.queries.certificates import find_by_application
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.demo.classes import BY_KEY
from lms.demo.house import DemoHouse
from lms.demo.people import Road, Sanction, Trainee, Verdict
from lms.demo.portraits import draw_portrait
from lms.demo.sitting import Sitting, sit
from lms.demo.timeline import Story
from lms.demo.watching import Evening, watch
from lms.enrolment import service as enrolment
from lms.enrolment.policy import ApplicationFacts, ApplicationState, Decision, EvidenceKind
from lms.enrolment.queries import applications_of, decisions
from lms.enrolment.service import CleanFile
from lms.plans.policy import PlanFacts
from lms.registry.policy.entries import EntryState
from lms.registry.queries.entries import entries_of
from lms.registry.service import decisions as registry_decisions
from lms.registry.service import entries as registry
from lms.study.policy.appeals import AppealState, stretches
from lms.study.policy.credit import VOID
from lms.study.queries.appeals import own_appeals
from lms.study.queries.refusals import played_beats
from lms.study.service import appeals

_REGISTERED_AGO = timedelta(hours=2)
_SAT_AGO = timedelta(minutes=96)
_DAY = timedelta(days=1)


@dataclass
class Life:
    """One trainee in the house. `story` tells everything; the rest are its chapters."""

    house: DemoHouse
    trainee: Trainee
    scan: CleanFile
    """The proof that is attached to every application."""
    person_id: str = field(init=False, default="")

    def story(self) -> Story:
        """Tell the life in order."""
        road = self.trainee.road
        if road is None:
            yield from self._registers(self.house.now - _REGISTERED_AGO)
            return
        yield from self._registers(self._on(road, road.applied - 2, time(20, 10)))
        yield from self._applies(road)
        for number, verdict in enumerate(self._verdicts(road)):
            yield from self._is_decided(road, number, verdict)
        if road.corrected is not None:
            yield from self._corrects(road, road.corrected)
        for number in range(len(road.evenings)):
            yield from watch(self.house, self._evening(road, number), self._chance("evening", number))
        if road.appeal:
            yield from self._appeals(road)
        for number in range(len(road.scores)):
            yield from sit(self.house, self._sitting(road, number), self._chance("sitting", number))
        if road.scores:
            yield from self._expires(road)
        if road.sanction is not None:
            yield from self._is_sanctioned(road.sanction)

    # ---- moments -----------------------------------------------------------------------------

    def _on(self, road: Road, day: int, at: time) -> datetime:
        """A time on a day of the class, some minutes later for each person."""
        first_day = BY_KEY[road.lesson_class].first_day(self.house.today)
        late = timedelta(minutes=self.trainee.number * 7 % 50, seconds=self.trainee.number * 13 % 60)
        return self.house.moment(first_day + timedelta(days=day), at) + late

    def _verdicts(self, road: Road) -> tuple[Verdict, ...]:
        if road.verdicts is not None:
            return road.verdicts
        return (Verdict(road.applied + 1, "reviewer", "approve"),)

    def _evening(self, road: Road, number: int) -> Evening:
        evenings = len(road.evenings)
        return Evening(
            self.person_id, self._plan(road), self._on(road, road.evenings[number], time(19, 5)),
            until=road.studied * (number + 1) // evenings, goal=road.studied,
            misses_a_check=road.misses_a_check and number == evenings - 1, answers_at_once=road.answers_at_once,
        )  # fmt: skip

    def _sitting(self, road: Road, number: int) -> Sitting:
        if road.sits_today and number == len(road.scores) - 1:
            at, minutes = self.house.now - _SAT_AGO, 58
        else:
            at, minutes = self._on(road, road.sat[number], time(19, 30)), 38 + self.trainee.number * 17 % 37
        return Sitting(self.person_id, self._plan(road), number, at, road.scores[number], minutes)

    def _chance(self, what: str, number: int) -> random.Random:
        """Chances that fall the same way when a load that was cut off goes on."""
        return random.Random(f"{what} {number} of {self.trainee.number}")  # noqa: S311 - a story, not a secret

    def _plan(self, road: Road) -> PlanFacts:
        return self.house.plans[road.lesson_class]

    # ---- chapters ----------------------------------------------------------------------------

    def _registers(self, at: datetime) -> Story:
        """Register, fill in the data form, send the portrait through the real check, and agree."""
        yield at
        who = self.trainee
        with self.house.read(at) as uow:
            known = find_person_by_login(uow, who.mobile)
        if known is not None:
            self.person_id = known.id
            return
        photo = clean_photo(draw_portrait(who.number, woman=who.woman), "portrait.jpg")
        photo_key = self.house.runtime.storage.put(photo)
        with self.house.write(at) as uow:
            self.person_id = accounts.register_person(
                uow, who.mobile, who.name, who.email, self.house.password_hash
            )
            actor = actor_of(uow, self.person_id)
            accounts.save_profile(
                uow, actor,
                accounts.ProfileInput(
                    name=who.name, id_number=who.id_number, education=who.education, mobile=who.mobile,
                    email=who.email, postcode=who.postcode, exam_region="省直", candidate_category="企业职工",
                    address=who.address, identity_flag="", employer_id=self.house.organisations[who.employer],
                    employed_since=who.employed_since,
                ),
            )  # fmt: skip
            accounts.save_photo(uow, actor, photo_key)
            accounts.give_consents(uow, actor, frozenset(REQUIRED_CONSENTS))

    def _applies(self, road: Road) -> Story:
        at = self._on(road, road.applied, time(8, 40))
        yield at
        plan = self._plan(road)
        with self.house.write(at) as uow:
            if self._application(uow, road) is not None:
                return
            actor = actor_of(uow, self.person_id)
            choice = plan.occupations[self.trainee.number % len(plan.occupations)]
            application = enrolment.start(uow, actor, plan.id, choice.key)
            enrolment.attach_evidence(uow, actor, application.id, EvidenceKind.CERTIFICATE, self.scan)
            enrolment.submit_application(uow, actor, application.id, statements_accepted=True)

    def _is_decided(self, road: Road, number: int, verdict: Verdict) -> Story:
        at = self._on(road, verdict.day, time(10, 15))
        yield at
        with self.house.write(at) as uow:
            application = self._application(uow, road)
            if application is None or len(decisions(uow, application.id)) > number:
                return
            enrolment.decide(
                uow, self.house.member(uow, verdict.login_name), application.id, Decision(verdict.decision),
                remark=verdict.remark,
            )  # fmt: skip

    def _corrects(self, road: Road, day: int) -> Story:
        at = self._on(road, day, time(13, 20))
        yield at
        with self.house.write(at) as uow:
            application = self._application(uow, road)
            if application is not None and application.state is ApplicationState.RETURNED:
                actor = actor_of(uow, self.person_id)
                enrolment.resubmit(uow, actor, application.id, statements_accepted=True)

    def _appeals(self, road: Road) -> Story:
        """Appeal for what the missed check made void; for some the exam administrator grants it on the next day."""
        plan, day = self._plan(road), road.evenings[-1]
        at = self._on(road, day, time(21, 40))
        yield at
        with self.house.write(at) as uow:
            names = [
                one.name for one in stretches(played_beats(uow, self.person_id, plan)) if one.why == VOID
            ]
            if names and not own_appeals(uow, self.person_id, plan.id):
                appeals.ask(uow, actor_of(uow, self.person_id), plan.id, names, road.appeal)
        if not road.answer_to_appeal:
            return
        at = self._on(road, day + 1, time(10, 30))
        yield at
        with self.house.write(at) as uow:
            for one in own_appeals(uow, self.person_id, plan.id):
                if one.state is AppealState.OPEN:
                    appeals.grant(uow, self.house.member(uow, "exam"), one.id, road.answer_to_appeal)

    def _expires(self, road: Road) -> Story:
        """Let the nightly sweeper write the expiry of the certificate, if it ran out before today."""
        with self.house.read(self.house.now) as uow:
            application = self._application(uow, road)
            certificate = find_by_application(uow, application.id) if application else None
        if certificate is None or certificate.valid_until >= local_day(self.house.now):
            return
        at = self.house.moment(certificate.valid_until + _DAY, time(0, 20))
        yield at
        with self.house.write(at) as uow:
            registry.expire_due(uow, Actor.system("registry.expire"))

    def _is_sanctioned(self, sanction: Sanction) -> Story:
        at = self.house.moment(self.house.today - sanction.days_ago * _DAY, time(15, 20))
        yield at
        with self.house.write(at) as uow:
            first, second = (self.house.member(uow, name) for name in ("registrar", "registrar-second"))
            for entry in entries_of(uow, self.person_id):
                if entry.state is not EntryState.ACTIVE:
                    continue
                if sanction.verb == "suspend":
                    registry.suspend(uow, first, entry.id, sanction.reason)
                    continue
                decision_id = registry_decisions.propose_revocation(uow, first, entry.id, sanction.reason)
                registry_decisions.decide(uow, second, entry.id, decision_id)

    def _application(self, uow: UnitOfWork, road: Road) -> ApplicationFacts | None:
        plan_id = self._plan(road).id
        found = [one for one in applications_of(uow, self.person_id) if one.plan_id == plan_id]
        return found[0] if found else None
