"""Reading blueprints, each compared with the bank as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lms.core.errors import NotFound, Reason
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import blueprint_from_json
from lms.questions.models import Blueprint
from lms.questions.policy import BlueprintState, Proof, blueprint_publish_reasons, prove
from lms.questions.queries.stock import cell_counts
from question_bank.items import Blueprint as PaperBlueprint
from question_bank.items import Cell
from question_bank.phrases import Phrase


@dataclass(frozen=True, slots=True)
class BlueprintFacts:
    """A blueprint as plans and pages need it; `revision` counts how often its draft was written."""

    id: str
    code: str
    title: str
    state: BlueprintState
    revision: int
    copied_from: str | None
    proof: Proof

    @property
    def blueprint(self) -> PaperBlueprint:
        """The sections themselves."""
        return self.proof.blueprint

    @property
    def total_points(self) -> int:
        """What a paper is worth, in hundredths of a point."""
        return self.blueprint.total_points

    @property
    def total_questions(self) -> int:
        """How many questions a paper has."""
        return self.blueprint.total_questions

    @property
    def shortages(self) -> tuple[Phrase, ...]:
        """What keeps the bank from filling a paper."""
        return self.proof.words

    @property
    def is_on_offer(self) -> bool:
        """Whether a new plan may choose it."""
        return self.state is BlueprintState.PUBLISHED


def blueprints(uow: UnitOfWork) -> list[BlueprintFacts]:
    """Return every blueprint that was not discarded, by title, each compared with the bank as it is now."""
    counts = cell_counts(uow)
    rows = uow.session.scalars(
        select(Blueprint)
        .where(Blueprint.state != BlueprintState.DISCARDED)
        .order_by(Blueprint.title, Blueprint.code)
    )
    return [_blueprint_facts(row, counts) for row in rows]


def blueprint_facts(uow: UnitOfWork, blueprint_id: str) -> BlueprintFacts:
    """Return one blueprint compared with the bank as it is now. Raises NotFound."""
    return _blueprint_facts(_blueprint(uow, blueprint_id), cell_counts(uow))


def get_blueprint(uow: UnitOfWork, blueprint_id: str) -> PaperBlueprint:
    """Return one blueprint for drawing a paper. Raises NotFound."""
    row = _blueprint(uow, blueprint_id)
    return blueprint_from_json(row.body, row.title)


def is_blueprint_on_offer(uow: UnitOfWork, blueprint_id: str) -> bool:
    """Tell whether a plan may choose a blueprint that it has not got yet."""
    row = uow.session.get(Blueprint, blueprint_id)
    return row is not None and row.state == BlueprintState.PUBLISHED


def publish_blueprint_reasons(uow: UnitOfWork, facts: BlueprintFacts) -> list[Reason]:
    """Say what is missing before a draft may be published: the page and the service ask here."""
    namesake = uow.session.scalar(
        select(Blueprint.code)
        .where(
            Blueprint.title == facts.title,
            Blueprint.state == BlueprintState.PUBLISHED,
            Blueprint.id != facts.id,
        )
        .order_by(Blueprint.code)
        .limit(1)
    )
    return blueprint_publish_reasons(facts.state, facts.proof, namesake)


def _blueprint(uow: UnitOfWork, blueprint_id: str) -> Blueprint:
    row = uow.session.get(Blueprint, blueprint_id)
    if row is None:
        raise NotFound
    return row


def _blueprint_facts(row: Blueprint, counts: Mapping[Cell, int]) -> BlueprintFacts:
    return BlueprintFacts(
        row.id, row.code, row.title, BlueprintState(row.state), row.revision, row.copied_from,
        prove(blueprint_from_json(row.body, row.title), counts),
    )  # fmt: skip
