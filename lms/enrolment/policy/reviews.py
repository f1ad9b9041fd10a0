"""Who reviews what: tiers, routes and four eyes."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from lms.accounts.policy import OrganisationKind, Role
from lms.core.actors import Actor
from lms.core.errors import N_, NN_, Reason
from lms.enrolment.policy.applications import REVIEWABLE_STATES, ApplicationFacts
from lms.plans.policy import REVIEW_ORDER

REMARK_MAX_LENGTH = 300


class Decision(StrEnum):
    """What a reviewer may decide."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


DECISION_NAMES: dict[Decision, str] = {
    Decision.APPROVE: N_("通过"),
    Decision.RETURN: N_("退回补正"),
    Decision.REJECT: N_("不通过"),
}


DECISION_LOOKS: dict[Decision, str] = {
    Decision.APPROVE: "ok", Decision.RETURN: "refused", Decision.REJECT: "refused",
}  # fmt: skip


def tier_of(path: str) -> OrganisationKind:
    """Return the tier of a scope path: `/` province, one name city, two names institution (A18)."""
    return {0: OrganisationKind.PROVINCE, 1: OrganisationKind.CITY}.get(
        len([name for name in path.split("/") if name]), OrganisationKind.INSTITUTION
    )


def route_for(review_route: Sequence[OrganisationKind], employer_path: str) -> tuple[OrganisationKind, ...]:
    """Return the tiers that review an applicant of an employer.

    A tier the employer does not stand under is left out: a provincial institution (`/-/x/`) skips the
    city (A18), a city centre's own staff skip the institution. The province always remains as a last
    resort, so that no route is empty.
    """
    present = {OrganisationKind.PROVINCE, tier_of(employer_path)}
    if tier_of(employer_path) is OrganisationKind.INSTITUTION and not employer_path.startswith("/-/"):
        present.add(OrganisationKind.CITY)
    kept = tuple(tier for tier in REVIEW_ORDER if tier in review_route and tier in present)
    return kept or (OrganisationKind.PROVINCE,)


def reviewing_scopes(actor: Actor, tier: OrganisationKind) -> tuple[str, ...]:
    """Return the actor's scope paths that review at exactly this tier (A18)."""
    roles = {Role.REVIEWER}
    if tier is OrganisationKind.INSTITUTION:
        roles.add(Role.INSTITUTION_OFFICER)  # the unit's own 初审
    return tuple(path for path in actor.scope_paths(*roles) if tier_of(path) is tier)


def review_reasons(application: ApplicationFacts, actor: Actor, earlier_steps: Iterable[int]) -> list[Reason]:
    """Say why this actor may not decide this application at its present step (fault I3, invariants A4, A5).

    `earlier_steps` are the steps of this application the actor has approved already.
    """
    reasons = []
    tier = application.tier
    if tier is not None and not any(
        application.employer_path.startswith(scope) for scope in reviewing_scopes(actor, tier)
    ):
        reasons.append(
            Reason(
                "review.other_tier", N_("每一级只由本级、本辖区的审核员审核"), N_("这一步不在您的审核范围"),
                N_("请等待本级审核员办理"), source="A18",
            )
        )  # fmt: skip
    if actor.person_id is None or actor.person_id == application.person_id:
        reasons.append(
            Reason(
                "review.own_case",
                N_("不能审核自己的申请"),
                N_("这是您本人的申请"),
                N_("请由其他审核员办理"),
                source="A23",
            )
        )
    if any(step != application.step for step in earlier_steps):
        reasons.append(
            Reason(
                "review.two_levels", N_("同一个人不能审核同一份申请的两级"), N_("您已经审核过前面一级"),
                N_("请由其他审核员办理"), source="A18",
            )
        )  # fmt: skip
    return reasons


def review_state_reasons(application: ApplicationFacts) -> list[Reason]:
    """Say why nobody can decide this application now."""
    if application.state in REVIEWABLE_STATES and application.outcome is None:
        return []
    return [
        Reason(
            "review.not_waiting", N_("只能审核等待审核的申请"), N_("这份申请已经不在等待审核"),
            N_("请回到待办列表"), source="A18",
        )
    ]  # fmt: skip


def remark_reasons(decision: Decision, remark: str, concerns: Sequence[Reason]) -> list[Reason]:
    """Say what is wrong with a decision's remark: refusals need words, and so does an override (H9)."""
    if len(remark) > REMARK_MAX_LENGTH:
        return [
            Reason(
                "remark.long", N_("意见不超过 %(limit)s 个字"), NN_("您填写了 %(length)s 个字", "length"), N_("请缩短"),
                params={"limit": REMARK_MAX_LENGTH, "length": len(remark)}, field_name="remark",
            )
        ]  # fmt: skip
    if remark.strip() or (decision is Decision.APPROVE and not concerns):
        return []
    if decision is Decision.APPROVE:
        return [
            Reason(
                "remark.override", N_("年龄超过规定的，通过时要写明理由"), N_("没有填写理由"),
                N_("请写明为什么可以通过"), source="H9", field_name="remark",
            )
        ]  # fmt: skip
    return [
        Reason(
            "remark.missing", N_("退回或不通过要写明意见"), N_("没有填写意见"), N_("请写明原因和怎么改"),
            source="A23", field_name="remark",
        )
    ]  # fmt: skip
