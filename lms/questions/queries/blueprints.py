"""Reading blueprints, each compared with the bank as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import blueprint_from_json
from lms.questions.models import Blueprint
from lms.questions.queries.stock import cell_counts
from question_bank.items import Blueprint as PaperBlueprint
from question_bank.items import Cell
from question_bank.phrases import Phrase
from question_bank.validation import shortages, validate_blueprint


@dataclass(frozen=True, slots=True)
class BlueprintFacts:
    """A blueprint as plans and pages need it; points are hundredths, `shortages` say what the bank lacks."""

    id: str
    code: str
    title: str
    total_points: int
    total_questions: int
    shortages: tuple[Phrase, ...]
    blueprint: PaperBlueprint


def blueprints(uow: UnitOfWork) -> list[BlueprintFacts]:
    """Return every blueprint, by title, each compared with the bank as it is now."""
    counts = cell_counts(uow)
    rows = uow.session.scalars(select(Blueprint).order_by(Blueprint.title, Blueprint.code))
    return [_blueprint_facts(row, counts) for row in rows]


def blueprint_facts(uow: UnitOfWork, blueprint_id: str) -> BlueprintFacts:
    """Return one blueprint compared with the bank as it is now. Raises NotFound."""
    return _blueprint_facts(_blueprint(uow, blueprint_id), cell_counts(uow))


def get_blueprint(uow: UnitOfWork, blueprint_id: str) -> PaperBlueprint:
    """Return one blueprint for drawing a paper. Raises NotFound."""
    row = _blueprint(uow, blueprint_id)
    return blueprint_from_json(row.body, row.title)


def _blueprint(uow: UnitOfWork, blueprint_id: str) -> Blueprint:
    row = uow.session.get(Blueprint, blueprint_id)
    if row is None:
        raise NotFound
    return row


def _blueprint_facts(row: Blueprint, counts: Mapping[Cell, int]) -> BlueprintFacts:
    blueprint = blueprint_from_json(row.body, row.title)
    faults = [fault.words for fault in validate_blueprint(blueprint)]
    lacking = [shortage.words for shortage in shortages(blueprint, counts)]
    return BlueprintFacts(
        row.id, row.code, row.title, blueprint.total_points, blueprint.total_questions, (*faults, *lacking),
        blueprint,
    )  # fmt: skip
