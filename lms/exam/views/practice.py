"""Practice for those who study: one question at a time, untimed, with the answer at once."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, signed_in
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.policy.practice import Practised, next_question
from lms.exam.service import practice as service
from lms.exam.views.blueprint import blueprint
from lms.questions.passages import shown_pictures
from lms.questions.policy import picture_keys
from lms.questions.queries import pictures
from lms.questions.views.pictures import send_picture
from question_bank.grading import WRITTEN_MAX
from question_bank.items import AREAS, TYPE_NAMES

Reply = str | Response | tuple[str, int]


@blueprint.get("/practice")
@signed_in
def practice() -> str:
    """List the knowledge areas with something to practise, and how far the person has come."""
    person_id = str(current_actor().person_id)
    with runtime().read(arrived_at()) as uow:
        reasons = service.why_not_practise(uow, person_id)
        areas = [] if reasons else queries.practice_overview(uow, person_id)
    return render_template("exam/practice.html", areas=areas, area_names=AREAS, reasons=reasons)


@blueprint.get("/practice/next")
@signed_in
def practise_next() -> Response:
    """Lead to what to practise next in an area, or in all."""
    person_id = str(current_actor().person_id)
    area, after = request.args.get("area", "")[:20], request.args.get("after", "")[:16]
    with runtime().read(arrived_at()) as uow:
        offered = {} if service.why_not_practise(uow, person_id) else queries.practisable(uow)
        ids = offered.get(area, []) if area else [one for some in offered.values() for one in some]
        found = next_question(ids, queries.tries_of(uow, person_id), after)
    if found is None:
        return redirect(url_for("exam.practice"))
    return redirect(url_for("exam.practise", item_id=found, area=area or None))


@blueprint.get("/practice/<item_id>")
@signed_in
def practise(item_id: str) -> str:
    """Put one question; nothing of its key is on the page."""
    return _page(item_id, None, ())


@blueprint.post("/practice/<item_id>")
@signed_in
def answer_practice(item_id: str) -> Reply:
    """Judge the answer and explain at once."""
    given = [one[: 4 * WRITTEN_MAX] for one in request.form.getlist("answer")[:8]]
    try:
        with runtime().write(arrived_at()) as uow:
            answer = service.practise(uow, current_actor(), item_id, given)
    except Invalid as refusal:
        return _page(item_id, None, (refusal,)), refusal.status
    return _page(item_id, answer, ())


@blueprint.get("/practice/<item_id>/pictures/<key>")
@signed_in
def practice_picture(item_id: str, key: str) -> Response:
    """Send a picture of a question that may be practised."""
    with runtime().read(arrived_at()) as uow:
        facts = service.offered_item(uow, str(current_actor().person_id), item_id)
        if key not in picture_keys(facts.item):
            raise NotFound
        found = pictures(uow, [key]).get(key)
    return send_picture(found)


def _page(item_id: str, answer: Practised | None, refused: tuple[Refusal, ...]) -> str:
    person_id = str(current_actor().person_id)
    with runtime().read(arrived_at()) as uow:
        facts = service.offered_item(uow, person_id, item_id)
        past = queries.tries_of(uow, person_id).get(item_id)
        found = pictures(uow, picture_keys(facts.item))
    return render_template(
        "exam/practise.html", item=facts.item, item_id=item_id, answer=answer, past=past, type_names=TYPE_NAMES,
        area_names=AREAS, area=request.args.get("area", "")[:20], written_max=WRITTEN_MAX,
        reasons=[reason for one in refused for reason in one.reasons],
        pictures=shown_pictures(found, lambda key: url_for("exam.practice_picture", item_id=item_id, key=key)),
    )  # fmt: skip
