"""The verbs of plans: create from a template, edit, publish, cancel, close."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.policy import Role
from lms.accounts.queries import get_organisation
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.errors import N_, Forbidden, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import courses
from lms.plans import policy, queries
from lms.plans.errors import PlanFrozen, PlanNotReady
from lms.plans.events import PlanClosed, PlanPublished
from lms.plans.models import Plan, PlanNumberSequence, PlanOccupation, PlanStage
from lms.plans.policy import PLAN, PLAN_ZONE, PlanDraft, PlanFacts, PlanState
from lms.plans.templates import TEMPLATES
from lms.questions.queries import blueprints, is_blueprint_on_offer


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What is asked for to begin a plan; everything else comes from the template."""

    template_code: str
    title: str
    first_day: date
    issuer_organisation_id: str


def create_from_template(uow: UnitOfWork, actor: Actor, wanted: NewPlan) -> PlanFacts:
    """Begin a draft with a template's rules and a fresh number (A8).

    Raises Forbidden when the actor is no exam administrator of the issuing organisation, Invalid for an
    unknown template or a bad title.
    """
    issuer = get_organisation(uow, wanted.issuer_organisation_id)
    _require_exam_admin(actor, issuer.path)
    template = TEMPLATES.get(wanted.template_code)
    if template is None:
        raise Invalid(
            Reason(
                "template.unknown", N_("计划由现成的模板建立"), N_("没有这个模板"), N_("请从列表中选择"),
                source="H4", field_name="template_code",
            )
        )  # fmt: skip
    draft = _with_the_only_parts(uow, template.draft(wanted.title.strip(), wanted.first_day))
    require(policy.draft_reasons(draft), Invalid)
    plan_id = new_id()
    uow.session.add(
        Plan(
            id=plan_id, number=_next_number(uow), template_code=template.code, state=PlanState.DRAFT,
            issuer_organisation_id=issuer.id, created_at=uow.now, **_columns(draft),
        )
    )  # fmt: skip
    uow.session.flush()
    _write_parts(uow, plan_id, draft)
    audit.born(uow, actor, PLAN, plan_id, template=template.code)
    return queries.get_plan(uow, plan_id)


def edit_draft(uow: UnitOfWork, actor: Actor, plan_id: str, draft: PlanDraft) -> PlanFacts:
    """Write a draft anew. Raises Invalid with the fields at fault, PlanFrozen when it is no draft."""
    plan = _own(uow, actor, plan_id)
    require(_not_draft(plan), PlanFrozen)
    require([*policy.draft_reasons(draft), *_offer_reasons(uow, plan, draft)], Invalid)
    uow.session.execute(delete(PlanOccupation).where(PlanOccupation.plan_id == plan_id))
    uow.session.execute(delete(PlanStage).where(PlanStage.plan_id == plan_id))
    try:
        uow.session.execute(update(Plan).where(Plan.id == plan_id).values(**_columns(draft)))
    except IntegrityError as error:
        raise Invalid(
            Reason(
                "plan.unknown_part", N_("课程和组卷方案要从列表中选择"), N_("您选的已经不在了"), N_("请重新选择"),
                field_name="course_id",
            )
        ) from error  # fmt: skip
    _write_parts(uow, plan_id, draft)
    uow.session.expire_all()
    changed = [name for name, value in _columns(draft).items() if getattr(plan, name) != value]
    if plan.occupations != draft.occupations:
        changed.append("occupations")
    audit.record(uow, actor, "plan:edit", plan_id, fields=changed)
    return queries.get_plan(uow, plan_id)


def publish(uow: UnitOfWork, actor: Actor, plan_id: str) -> PlanFacts:
    """Open a plan to the public; from now on it is frozen. Publishing twice changes nothing.

    Raises PlanNotReady with everything that is missing.
    """
    plan = _own(uow, actor, plan_id)
    if plan.state is PlanState.PUBLISHED:
        return plan
    require(queries.publish_reasons(uow, plan, uow.now), PlanNotReady)
    audit.move(
        uow, actor, PLAN, "publish", Plan.state, plan_id, plan.state, changes={"published_at": uow.now}
    )
    uow.record(PlanPublished(plan_id))
    return queries.get_plan(uow, plan_id)


def cancel(uow: UnitOfWork, actor: Actor, plan_id: str) -> PlanFacts:
    """Put a draft away that will never be published."""
    plan = _own(uow, actor, plan_id)
    require(_not_draft(plan), PlanFrozen)
    audit.move(uow, actor, PLAN, "cancel", Plan.state, plan_id, plan.state)
    return queries.get_plan(uow, plan_id)


def close(uow: UnitOfWork, actor: Actor, plan_id: str) -> PlanFacts:
    """Put a plan away whose exam is over for everybody. Raises PlanFrozen before that."""
    plan = _own(uow, actor, plan_id)
    if plan.state is PlanState.CLOSED:
        return plan
    require(policy.close_reasons(plan, uow.now), PlanFrozen)
    audit.move(uow, actor, PLAN, "close", Plan.state, plan_id, plan.state)
    uow.record(PlanClosed(plan_id))
    return queries.get_plan(uow, plan_id)


def prolong_exam(uow: UnitOfWork, plan_id: str, until: datetime) -> None:
    """Write down that somebody may begin or sit until a moment after the exam window; an earlier one changes nothing.

    It is the latest moment only: whoever adds the time says for whom and why, and audits that.
    """
    uow.session.execute(
        update(Plan)
        .where(
            Plan.id == plan_id, Plan.exam_until < until,
            or_(Plan.exam_prolonged_until.is_(None), Plan.exam_prolonged_until < until),
        )
        .values(exam_prolonged_until=until)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _own(uow: UnitOfWork, actor: Actor, plan_id: str) -> PlanFacts:
    """Hold the plan's row and return it; out of scope it does not exist (fault I2)."""
    if uow.session.scalar(select(Plan.id).where(Plan.id == plan_id).with_for_update()) is None:
        raise NotFound
    plan = queries.get_plan(uow, plan_id)
    if actor.person_id is not None and not actor.covers(plan.issuer_path, (Role.EXAM_ADMIN,)):
        raise NotFound
    return plan


def _require_exam_admin(actor: Actor, path: str) -> None:
    if actor.person_id is not None and not actor.covers(path, (Role.EXAM_ADMIN,)):
        raise Forbidden(
            Reason(
                "plan.issuer_scope", N_("只能为自己辖区内的机构建立计划"), N_("您没有这个机构的考务权限"),
                N_("请改选机构，或联系系统管理员授权"), source="A24", field_name="issuer_organisation_id",
            )
        )  # fmt: skip


def _not_draft(plan: PlanFacts) -> list[Reason]:
    if plan.state is PlanState.DRAFT:
        return []
    return [
        Reason(
            "plan.not_draft", N_("只有草稿可以修改或取消"), N_("计划发布后内容固定，考生以此为准"),
            N_("请另建一期计划"), source="A24",
        )
    ]  # fmt: skip


def _with_the_only_parts(uow: UnitOfWork, draft: PlanDraft) -> PlanDraft:
    """Choose the course and the blueprint where there is nothing to choose between."""
    known = [course.id for course in courses(uow)]
    offered = [one.id for one in blueprints(uow) if one.is_on_offer]
    return replace(
        draft,
        course_id=known[0] if len(known) == 1 else None,
        blueprint_id=offered[0] if len(offered) == 1 else None,
    )


def _offer_reasons(uow: UnitOfWork, plan: PlanFacts, draft: PlanDraft) -> list[Reason]:
    """Look at what is newly chosen; what the draft has already says why at publishing."""
    chosen = draft.blueprint_id
    is_kept = chosen is None or chosen == plan.blueprint_id
    return policy.offer_reasons(is_blueprint_on_offer=is_kept or is_blueprint_on_offer(uow, str(chosen)))


def _next_number(uow: UnitOfWork) -> str:
    month = uow.now.astimezone(PLAN_ZONE).strftime("%Y%m")
    uow.session.execute(
        insert_new(uow.session, PlanNumberSequence, PlanNumberSequence.month).values(month=month, last=0)
    )
    serial = uow.session.execute(
        update(PlanNumberSequence)
        .where(PlanNumberSequence.month == month)
        .values(last=PlanNumberSequence.last + 1)
        .returning(PlanNumberSequence.last)
    ).scalar_one()
    return policy.plan_number(month, serial)


def _columns(draft: PlanDraft) -> dict[str, object]:
    return {
        "title": draft.title.strip(),
        "enrol_from": draft.enrol_from,
        "enrol_until": draft.enrol_until,
        "study_from": draft.study_from,
        "study_until": draft.study_until,
        "exam_from": draft.exam_from,
        "exam_until": draft.exam_until,
        "required_study_seconds": draft.required_study_seconds,
        "beat_interval_seconds": draft.beat_interval_seconds,
        "presence_min_seconds": draft.presence_min_seconds,
        "presence_max_seconds": draft.presence_max_seconds,
        "presence_answer_seconds": draft.presence_answer_seconds,
        "may_skip_ahead": draft.may_skip_ahead,
        "top_speed_percent": draft.top_speed_percent,
        "daily_limit_seconds": draft.daily_limit_seconds,
        "pass_mark": draft.pass_mark,
        "exam_duration_seconds": draft.exam_duration_seconds,
        "max_attempts": draft.max_attempts,
        "course_id": draft.course_id,
        "blueprint_id": draft.blueprint_id,
        "review_route": list(draft.review_route),
        "number_rule": draft.number_rule,
        "keeps_number": draft.keeps_number,
        "validity_years": draft.validity_years,
    }


def _write_parts(uow: UnitOfWork, plan_id: str, draft: PlanDraft) -> None:
    uow.session.add_all(
        PlanOccupation(
            id=new_id(), plan_id=plan_id, position=position, edition=choice.edition, code=choice.code,
            name=choice.name, level=choice.level,
        )
        for position, choice in enumerate(draft.occupations)
    )  # fmt: skip
    uow.session.add_all(
        PlanStage(id=new_id(), plan_id=plan_id, position=position, kind=kind)
        for position, kind in enumerate(draft.stages)
    )
    uow.session.flush()


def draft_of(plan: PlanFacts) -> PlanDraft:
    """Return a plan's present content as a draft, ready to be changed in part."""
    return PlanDraft(
        title=plan.title,
        occupations=plan.occupations,
        stages=plan.stages,
        enrol_from=plan.enrol_from,
        enrol_until=plan.enrol_until,
        study_from=plan.study_from,
        study_until=plan.study_until,
        exam_from=plan.exam_from,
        exam_until=plan.exam_until,
        required_study_seconds=plan.required_study_seconds,
        beat_interval_seconds=plan.beat_interval_seconds,
        presence_min_seconds=plan.presence_min_seconds,
        presence_max_seconds=plan.presence_max_seconds,
        presence_answer_seconds=plan.presence_answer_seconds,
        may_skip_ahead=plan.may_skip_ahead,
        top_speed_percent=plan.top_speed_percent,
        daily_limit_seconds=plan.daily_limit_seconds,
        pass_mark=plan.pass_mark,
        exam_duration_seconds=plan.exam_duration_seconds,
        max_attempts=plan.max_attempts,
        course_id=plan.course_id,
        blueprint_id=plan.blueprint_id,
        review_route=plan.review_route,
        number_rule=plan.number_rule,
        keeps_number=plan.keeps_number,
        validity_years=plan.validity_years,
    )
