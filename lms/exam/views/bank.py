"""The question-bank administrator's pages: what closed exams say about the questions."""

from flask import render_template, request

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked
from lms.accounts.policy import Role
from lms.core.paging import Page
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.views.blueprint import blueprint
from lms.questions.queries import blueprints, get_item
from question_bank.items import AREAS, DIFFICULTY_NAMES, TYPE_NAMES
from question_bank.statistics import ENOUGH_ANSWERS, SUSPICION_NAMES

LINES_PER_PAGE = 50
SUSPECTS_SHOWN = 8
NAMES = {
    "type_names": TYPE_NAMES, "area_names": AREAS, "difficulty_names": DIFFICULTY_NAMES,
    "suspicion_names": SUSPICION_NAMES, "enough": ENOUGH_ANSWERS, "sheets_max": queries.SHEETS_MAX,
}  # fmt: skip


@blueprint.get("/desk/questions")
@roles(Role.QUESTION_ADMIN)
def questions() -> str:
    """Show the figures of a blueprint's papers, and which questions somebody should look at."""
    actor = current_actor()
    page = page_asked()
    with runtime().read(arrived_at()) as uow:
        counts = queries.graded_counts(uow, actor)
        offered = [one for one in blueprints(uow) if counts.get(one.id)]
        wanted = request.args.get("blueprint", "")[:40]
        chosen = next((one for one in offered if one.id == wanted), None) or max(
            offered, key=lambda one: counts[one.id], default=None
        )
        found = queries.bank_statistics(uow, actor, chosen.id) if chosen else None
    lines = found.lines if found else ()
    return render_template(
        "exam/questions.html", offered=offered, counts=counts, chosen=chosen, found=found, **NAMES,
        suspects=found.suspects[:SUSPECTS_SHOWN] if found else [],
        lines=lines[(page - 1) * LINES_PER_PAGE : page * LINES_PER_PAGE], page=Page(page, LINES_PER_PAGE, len(lines)),
    )  # fmt: skip


@blueprint.get("/desk/questions/<item_id>")
@roles(Role.QUESTION_ADMIN)
def question(item_id: str) -> str:
    """Show one question in all its wordings: how hard, whom it tells apart, what its options attract."""
    with runtime().read(arrived_at()) as uow:
        facts = get_item(uow, item_id)
        found = queries.question_statistics(uow, current_actor(), item_id)
    return render_template("exam/question.html", facts=facts, found=found, **NAMES)
