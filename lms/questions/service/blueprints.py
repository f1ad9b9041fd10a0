"""Keeping blueprints."""

from sqlalchemy import select

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import blueprint_to_json
from lms.questions.models import Blueprint
from lms.questions.policy import (
    blueprint_reasons,
)
from question_bank.items import Blueprint as PaperBlueprint
from question_bank.validation import validate_blueprint


def ensure_blueprint(uow: UnitOfWork, actor: Actor, code: str, title: str, blueprint: PaperBlueprint) -> str:
    """Keep a blueprint under a code and return its id; an existing code with the same content is left alone.

    Raises Invalid when the blueprint is unsound, Conflict when the code names another one: a plan may rest on it.
    """
    require(blueprint_reasons(validate_blueprint(blueprint)), Invalid)
    body = blueprint_to_json(blueprint)
    existing = uow.session.scalar(select(Blueprint).where(Blueprint.code == code))
    if existing is not None:
        if existing.body != body:
            raise Conflict(
                Reason(
                    "blueprint.code_taken", N_("组卷方案发布后不再改动"), now=N_("代号 %(code)s 已属于另一个方案"),
                    way_out=N_("请换一个代号"), params={"code": code},
                )
            )  # fmt: skip
        return existing.id
    row = Blueprint(id=new_id(), code=code, title=title, body=body, created_at=uow.now)
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, actor, "blueprint:create", row.id, code=code)
    return row.id
