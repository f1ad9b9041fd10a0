"""Roles and the scopes in which they are held."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from lms.core.errors import N_, Reason


class Role(StrEnum):
    """What a person may do; each is held within a scope."""

    TRAINEE = "trainee"
    INSTITUTION_OFFICER = "institution_officer"
    REVIEWER = "reviewer"
    QUESTION_ADMIN = "question_admin"
    EXAM_ADMIN = "exam_admin"
    INVIGILATOR = "invigilator"
    REGISTRAR = "registrar"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


STAFF_ROLES = tuple(role for role in Role if role is not Role.TRAINEE)

ROLE_NAMES: dict[Role, str] = {
    Role.TRAINEE: N_("考生"),
    Role.INSTITUTION_OFFICER: N_("单位经办人"),
    Role.REVIEWER: N_("审核员"),
    Role.QUESTION_ADMIN: N_("题库管理员"),
    Role.EXAM_ADMIN: N_("考务管理员"),
    Role.INVIGILATOR: N_("监考员"),
    Role.REGISTRAR: N_("登记员"),
    Role.AUDITOR: N_("审计员"),
    Role.ADMINISTRATOR: N_("系统管理员"),
}

PROVINCE_ROLES = frozenset({Role.QUESTION_ADMIN, Role.AUDITOR})
"""One bank and one record serve the whole province, so these roles have no smaller scope."""


class OrganisationKind(StrEnum):
    """The three tiers (A18)."""

    PROVINCE = "province"
    CITY = "city"
    INSTITUTION = "institution"


KIND_NAMES: dict[OrganisationKind, str] = {
    OrganisationKind.PROVINCE: N_("省中心"),
    OrganisationKind.CITY: N_("市中心"),
    OrganisationKind.INSTITUTION: N_("评价机构"),
}

INSTITUTION_CODE = re.compile(r"[0-9]{8}")  # C6


def grant_reasons(role: Role, kind: OrganisationKind) -> list[Reason]:
    """Say why a role cannot be held within an organisation of this kind."""
    if role in PROVINCE_ROLES and kind is not OrganisationKind.PROVINCE:
        return [
            Reason(
                code="grant.province_only", rule=N_("题库和审计记录是全省一份，题库管理员和审计员只能由省中心授权"),
                now=N_("您选择的范围不是省中心"), way_out=N_("请把范围改为省中心，或换一个角色"), source="I1",
                field_name="organisation_id",
            )
        ]  # fmt: skip
    if role is Role.INSTITUTION_OFFICER and kind is not OrganisationKind.INSTITUTION:
        return [
            Reason(
                code="grant.institution_only", rule=N_("单位经办人属于一个评价机构，只办理本单位人员的事"),
                now=N_("您选择的范围是省中心或市中心"), way_out=N_("请把范围改为一个评价机构，或换一个角色"),
                source="A18", field_name="organisation_id",
            )
        ]  # fmt: skip
    return []


NAMED_MOST = 5
"""So many colleagues are named on a page that says who can do something; more are counted."""


def who_can(names: Sequence[str]) -> tuple[str, Mapping[str, object]]:
    """Return the way out for somebody who has to leave a decision to others, and what fills its places."""
    if not names:
        return N_("现在没有别人可以办理，请系统管理员授权另一名考务管理员"), {}
    if len(names) <= NAMED_MOST:
        return N_("请由%(names)s办理"), {"names": tuple(names)}
    return (
        N_("请由%(names)s等 %(count)s 人之一办理"),
        {"names": tuple(names[:NAMED_MOST]), "count": len(names)},
    )


def office_reasons(rule: str, holders: Sequence[str], *, is_theirs: bool, source: str = "") -> list[Reason]:
    """Say why somebody may look and not decide: it belongs to the exam administrators of the plan.

    `rule` says so of the thing that is decided, `holders` are the names of those who can.
    """
    if is_theirs:
        return []
    way_out, params = who_can(holders)
    now = N_("您可以查看；您的账号在这个计划里没有考务管理员的角色")
    return [Reason("office.not_yours", rule, now, way_out, source=source, params=params)]


def paths_over(path: str) -> list[str]:
    """Return the scope paths that reach an organisation, its own among them: /, /c/ and /c/i/ for /c/i/."""
    pieces = path.split("/")
    return ["/".join(pieces[: count + 1]) + "/" for count in range(len(pieces) - 1)]


def organisation_path(kind: OrganisationKind, own_id: str, parent_path: str) -> str:
    """Return the scope path of a new organisation (A18: a provincial institution skips the city)."""
    if kind is OrganisationKind.PROVINCE:
        return "/"
    if kind is OrganisationKind.INSTITUTION and parent_path == "/":
        return f"/-/{own_id}/"
    return f"{parent_path}{own_id}/"
