"""Papers ready before their start: drawn outside the write lane, and exchanged while nobody has seen them."""

from datetime import datetime

from sqlalchemy import select

from lms.core.database import insert_new
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.exam import queries
from lms.exam.models.attempts import Paper
from lms.exam.models.papers import WithdrawnPaper
from lms.exam.queries.preparing import fits_still, is_free
from lms.exam.service import papers
from lms.plans.queries import get_plan

OVERTAKEN = "overtaken"


def prepare(runtime: Runtime, person_id: str, plan_id: str, now: datetime | None = None) -> bool:
    """Draw the paper of a person's next sitting; return whether there was anything to draw.

    A paper that waits already stays, unless its plan or its bank has moved on since it was frozen: then another
    takes its place. May run twice, and beside itself. Raises PaperMissing when the bank is too thin.
    """
    with runtime.read(now) as uow:
        plan = get_plan(uow, plan_id)
        if queries.exam_facts(uow, person_id, plan).attempts_left == 0:
            return False
        serial = papers.next_serial(uow, person_id, plan_id)
        waiting = papers.find_paper(uow, person_id, plan_id, serial)
        if waiting is not None and fits_still(uow, waiting.id, plan.blueprint_id):
            return False
        drawn = papers.draw(uow, person_id, plan_id, serial if waiting is None else serial + 1)
    with runtime.write(now) as uow:
        if waiting is None or _withdraw(uow, waiting.id):
            papers.keep(uow, drawn)
    return True


def _withdraw(uow: UnitOfWork, paper_id: str) -> bool:
    """Put a paper aside that nobody has sat; False when a start or another exchange was faster."""
    # A start holds the same row while it binds the paper.
    uow.session.execute(select(Paper.id).where(Paper.id == paper_id).with_for_update())
    if not is_free(uow, paper_id):
        return False
    aside = insert_new(uow.session, WithdrawnPaper, WithdrawnPaper.paper_id)
    uow.session.execute(aside.values(paper_id=paper_id, reason=OVERTAKEN, withdrawn_at=uow.now))
    return True
