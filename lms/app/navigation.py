"""The places a person can go to, by role. An entry whose page does not exist is not shown."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import gettext
from flask_login import current_user

from lms.accounts.access import current_actor, may_open
from lms.accounts.policy import STAFF_ROLES
from lms.core.errors import N_

LINKS = {
    "front": "accounts.front", "home": "dashboards.home", "applications": "enrolment.index", "study": "study.index",
    "exam": "exam.index", "certificates": "certificates.index", "account": "accounts.profile",
    "security": "accounts.security", "desk": "dashboards.desk", "sign_in": "accounts.sign_in",
    "sign_out": "accounts.sign_out", "verify": "verification.verify", "entries": "changes.own",
    "privacy": "accounts.privacy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the staff menu."""

    endpoint: str
    label: str
    icon: str


DESK: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        N_("工作台"),
        (
            Entry("dashboards.desk", N_("今日事项"), "home"),
            Entry("dashboards.figures", N_("统计图表"), "chart"),
            Entry("exports.index", N_("导出的文件"), "download"),
        ),
    ),
    (
        N_("培训与考试"),
        (
            Entry("enrolment.inbox", N_("报名审核"), "check"),
            Entry("plans.index", N_("培训计划"), "calendar"),
            Entry("classes.index", N_("班级学习"), "people"),
            Entry("appeals.index", N_("学时申诉"), "message"),
            Entry("findings.index", N_("学习异常提示"), "eye"),
            Entry("courses.index", N_("课程"), "play"),
            Entry("questions.index", N_("题库"), "book"),
            Entry("questions.imports", N_("题目导入"), "upload"),
            Entry("questions.blueprints", N_("组卷方案"), "table"),
            Entry("exam.questions", N_("试题统计"), "chart"),
            Entry("invigilation.index", N_("监考"), "eye"),
            Entry("exam.attempts", N_("考试记录"), "clock"),
            Entry("exam.reviews", N_("成绩复核"), "search"),
            Entry("exam.corrections", N_("成绩更正"), "edit"),
        ),
    ),
    (
        N_("证书与登记"),
        (
            Entry("registry.index", N_("考评员登记"), "badge"),
            Entry("changes.index", N_("登记变更申请"), "message"),
            Entry("pending.index", N_("未完成的证书"), "clock"),
            Entry("verification.batch", N_("证书批量查验"), "shield"),
            Entry("layouts.index", N_("证书版式"), "edit"),
        ),
    ),
    (
        N_("机构与人员"),
        (
            Entry("dashboards.roster", N_("本单位人员"), "people"),
            Entry("accounts.organisations", N_("机构"), "building"),
            Entry("accounts.staff", N_("工作人员与角色"), "person"),
            Entry("accounts.people", N_("账号查找"), "search"),
            Entry("accounts.audit", N_("审计记录"), "history"),
        ),
    ),
)


def register_navigation(app: Flask) -> None:
    """Give every template its links and the staff menu of the present person."""

    @app.context_processor
    def _navigation() -> dict[str, Any]:
        signed_in = bool(current_user) and current_user.is_authenticated
        links = {
            key: url_for(endpoint)
            for key, endpoint in LINKS.items()
            if endpoint in current_app.view_functions
        }
        is_staff = signed_in and current_actor().has_role(*STAFF_ROLES)
        if not is_staff:
            links.pop("desk", None)
        elif current_user.is_staff_only and "desk" in links:
            links["home"] = links["desk"]  # a trainee's home would tell him that he may not enrol
        return {
            "may_open": may_open,
            "links": links,
            "desk_nav": _desk() if is_staff else [],
            "unread_notices": 0,
        }


def _desk() -> list[dict[str, Any]]:
    groups = []
    for title, entries in DESK:
        items = [
            {"endpoint": entry.endpoint, "label": gettext(entry.label), "icon": entry.icon}
            for entry in entries
            if may_open(entry.endpoint)
        ]
        if items:
            groups.append({"title": gettext(title), "items": items})
    return groups
