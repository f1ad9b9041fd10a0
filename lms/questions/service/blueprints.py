"""Keeping blueprints: drafted, published once and for all, retired when nobody wants them any more."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import blueprint_to_json
from lms.questions.models import Blueprint
from lms.questions.policy import (
    BLUEPRINT,
    BlueprintState,
    blueprint_base_reasons,
    blueprint_reasons,
    blueprint_verb_reasons,
    draft_reasons,
    local_day,
)
from lms.questions.queries import BlueprintFacts
from question_bank.items import Blueprint as PaperBlueprint
from question_bank.validation import validate_blueprint

_CODE_TAIL = 4


def ensure_blueprint(uow: UnitOfWork, actor: Actor, code: str, title: str, blueprint: PaperBlueprint) -> str:
    """Keep a published blueprint under a code and return its id; the same content again is left alone.

    The operator's way: it may be registered before the bank is filled. Raises Invalid when the blueprint is
    unsound, Conflict when the code names another one: a plan may rest on it.
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
    blueprint_id = new_id()
    _add(uow, actor, id=blueprint_id, code=code, title=title, body=body)
    audit.move(uow, actor, BLUEPRINT, "publish", Blueprint.state, blueprint_id, BLUEPRINT.initial, code=code)
    return blueprint_id


def create_blueprint(uow: UnitOfWork, actor: Actor, title: str, source_id: str | None = None) -> str:
    """Begin a draft, empty or with the sections of another blueprint, and return its id.

    The same request again returns the draft that the first one began. Raises Invalid for a bad or taken title or
    an unknown source.
    """
    source = _source(uow, source_id) if source_id else PaperBlueprint(())
    require(draft_reasons(PaperBlueprint(source.sections, title)), Invalid)
    blueprint_id = new_id()
    try:
        # A savepoint, so that the other of two requests at once still finds the draft that the first one made.
        with uow.session.begin_nested():
            _add(
                uow, actor, id=blueprint_id, code=f"{local_day(uow.now):%Y%m%d}-{blueprint_id[:_CODE_TAIL]}",
                title=title, body=blueprint_to_json(source), copied_from=source_id,
            )  # fmt: skip
    except Invalid:
        return _same_request(uow, actor, title, source_id)
    return blueprint_id


def edit_blueprint(
    uow: UnitOfWork, actor: Actor, blueprint_id: str, base: int, blueprint: PaperBlueprint
) -> int:
    """Write a draft anew, starting from revision `base`; return the new one.

    Raises Conflict when it is no draft or was written meanwhile, Invalid with the fields at fault.
    """
    facts = _held(uow, blueprint_id)
    require(blueprint_verb_reasons("edit", facts.state), Conflict)
    require(blueprint_base_reasons(base, facts.revision), Conflict)
    require(draft_reasons(blueprint), Invalid)
    body = blueprint_to_json(blueprint)
    if (blueprint.title, body) == (facts.title, blueprint_to_json(facts.blueprint)):
        return facts.revision
    try:
        uow.session.execute(
            update(Blueprint)
            .where(Blueprint.id == blueprint_id)
            .values(title=blueprint.title, body=body, revision=base + 1)
        )
    except IntegrityError as error:
        raise _title_taken() from error
    uow.session.expire_all()
    audit.record(uow, actor, "blueprint:edit", blueprint_id, revision=base + 1)
    return base + 1


def publish_blueprint(uow: UnitOfWork, actor: Actor, blueprint_id: str, base: int) -> None:
    """Let plans choose a draft, as revision `base` says it; from now on it never changes.

    Publishing twice changes nothing. Raises Conflict with everything that is missing.
    """
    facts = _held(uow, blueprint_id)
    if facts.state is BlueprintState.PUBLISHED:
        return
    require(queries.publish_blueprint_reasons(uow, facts), Conflict)
    require(blueprint_base_reasons(base, facts.revision), Conflict)
    _move(uow, actor, "publish", facts)


def retire_blueprint(uow: UnitOfWork, actor: Actor, blueprint_id: str) -> None:
    """Take a blueprint off the list that plans choose from; plans that have it keep it. Twice changes nothing."""
    facts = _held(uow, blueprint_id)
    if facts.state is BlueprintState.RETIRED:
        return
    require(blueprint_verb_reasons("retire", facts.state), Conflict)
    _move(uow, actor, "retire", facts)


def discard_blueprint(uow: UnitOfWork, actor: Actor, blueprint_id: str) -> None:
    """Put a draft away that will never be published. Twice changes nothing."""
    facts = _held(uow, blueprint_id)
    if facts.state is BlueprintState.DISCARDED:
        return
    require(blueprint_verb_reasons("discard", facts.state), Conflict)
    _move(uow, actor, "discard", facts)


def _same_request(uow: UnitOfWork, actor: Actor, title: str, source_id: str | None) -> str:
    """Return the untouched draft that the actor has just begun in the same way. Raises Invalid for any other."""
    existing = uow.session.scalar(
        select(Blueprint).where(Blueprint.title == title, Blueprint.state == BlueprintState.DRAFT)
    )
    same = (actor.person_id, source_id, 1)
    if existing is None or (existing.created_by, existing.copied_from, existing.revision) != same:
        raise _title_taken()
    return existing.id


def _held(uow: UnitOfWork, blueprint_id: str) -> BlueprintFacts:
    """Hold the row, so that two people do not write one draft at a time, and return what it says."""
    if uow.session.scalar(select(Blueprint.id).where(Blueprint.id == blueprint_id).with_for_update()) is None:
        raise NotFound
    return queries.blueprint_facts(uow, blueprint_id)


def _source(uow: UnitOfWork, source_id: str) -> PaperBlueprint:
    row = uow.session.get(Blueprint, source_id)
    if row is None or row.state == BlueprintState.DISCARDED:
        raise Invalid(
            Reason(
                "blueprint.source_unknown", N_("复制的方案要从列表中选择"), N_("您选的已经不在了"), N_("请重新选择"),
                field_name="source_id",
            )
        )  # fmt: skip
    return queries.get_blueprint(uow, source_id)


def _add(uow: UnitOfWork, actor: Actor, **values: Any) -> None:
    row = Blueprint(**values, state=BLUEPRINT.initial, created_at=uow.now, created_by=actor.person_id)
    uow.session.add(row)
    try:
        uow.session.flush()
    except IntegrityError as error:
        # Somebody else has a draft of this title, perhaps since we looked.
        raise _title_taken() from error
    audit.born(uow, actor, BLUEPRINT, row.id, code=row.code)


def _move(uow: UnitOfWork, actor: Actor, verb: str, facts: BlueprintFacts) -> None:
    audit.move(uow, actor, BLUEPRINT, verb, Blueprint.state, facts.id, facts.state, code=facts.code)


def _title_taken() -> Invalid:
    return Invalid(
        Reason(
            "blueprint.draft_title_taken", N_("两个草稿不能重名"), N_("已有一个同名的草稿"),
            N_("请换一个名称，或在方案列表里打开那个草稿"), field_name="title",
        )
    )  # fmt: skip
