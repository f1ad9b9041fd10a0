"""Filling an empty house with the demo, once: everything goes through the services that pages use.

A load that was cut off is continued by the next one; a finished one is left alone, and so is a house that
has people of its own.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from lms.accounts.credentials import hash_new_password
from lms.accounts.queries import person_count
from lms.audit import jobs as audit_jobs
from lms.audit import service as audit
from lms.core.jobs import Handler
from lms.core.unit_of_work import Runtime
from lms.demo.bank import draft_uploaded
from lms.demo.classes import CLASSES, held
from lms.demo.evidence import draw_certificate_scan
from lms.demo.house import OPERATOR, DemoHouse
from lms.demo.journeys import Life
from lms.demo.logins import DEMO_PASSWORD, DemoLogin, logins
from lms.demo.opening import LOADED, Film, begun_at, is_loaded, open_house
from lms.demo.people import TRAINEES
from lms.demo.register_work import MOVED, moves, register_taken_over
from lms.demo.rooms import arranged
from lms.demo.timeline import tell_all
from lms.enrolment.service import clean_evidence
from lms.study.jobs.integrity import sweep_integrity

_UPLOADED_AGO = timedelta(hours=22)


def load_demo(
    runtime: Runtime, handlers: Mapping[str, Handler], film: Film, tell: Callable[[str], None]
) -> list[DemoLogin]:
    """Fill an empty house and return the logins; none for a house with people of its own.

    Load while no worker and no sweeper runs on the house: they would end the past's sessions as overdue.
    """
    with runtime.read() as uow:
        begun = begun_at(uow)
        if begun is None and person_count(uow):
            tell("this site has its own people; no demo was loaded")
            return []
        if is_loaded(uow):
            return logins()
    if begun is not None:
        tell("the demo was cut off while it was loaded; it goes on where it stopped")
    house = DemoHouse(
        runtime, handlers, begun or runtime.clock.now(), hash_new_password(runtime.hashing, DEMO_PASSWORD)
    )
    house.do_jobs()
    tell("making the lessons of the demo, once 制作演示课程（仅一次）")
    open_house(house, film, tell)
    font = runtime.settings.font_dir / "NotoSerifSC-Regular.ttf"
    scan = clean_evidence(runtime.storage, draw_certificate_scan(font))
    tell(f"letting {len(TRAINEES)} people register, study and sit their exams 演示人员正在报名、学习、考试")
    tell_all(
        [
            *(held(house, one) for one in CLASSES),
            arranged(house),
            *(Life(house, trainee, scan).story() for trainee in TRAINEES),
            draft_uploaded(house, house.now - _UPLOADED_AGO),
            register_taken_over(house),
            *(moves(house, one) for one in MOVED),
        ],
        house.now,
    )
    sweep_integrity(runtime)
    with house.write(house.now) as uow:
        audit.record(uow, OPERATOR, LOADED, house.organisations["province"], trainees=len(TRAINEES))
    audit_jobs.seal(runtime)
    return logins()
