"""Jobs of a class: its list as a file, and reminders with their mails."""

import logging
from datetime import datetime

from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.exports.jobs import Tell
from lms.exports.queries import ExportFacts
from lms.exports.service import Written
from lms.notices.mail import send_mail
from lms.plans.queries import get_plan
from lms.study.class_workbook import write_class
from lms.study.policy.pace import is_hour_for_reminders
from lms.study.queries import classes as class_queries
from lms.study.queries import refusals as refusal_queries
from lms.study.queries import reminders as reminder_queries
from lms.study.queries.classes import ClassFilter, ClassLine
from lms.study.service import reminders

CHUNK = 500
MAILS = 50
REMINDER = Actor.system("study.remind")
MINUTE = 60

log = logging.getLogger(__name__)

# A job has no reader whose language it could ask for, so a mail says everything in both.
REMINDER_TEXT = """{name}，您好：

您在“{title}”的学时已计入 {counted} 分钟，要求 {required} 分钟，低于按期的节奏。
{closes}截止，从今天起每天大约要学 {daily} 分钟。

继续学习：{link}

--

Hello {name},

you have {counted} of {required} minutes of study time in “{title}”, less than an even pace. It closes on {closes};
from today on about {daily} minutes a day are needed.

Go on: {link}
"""


def write_lines(runtime: Runtime, export: ExportFacts, holder: Actor, tell: Tell) -> Written:
    """Gather the filtered trainees of a class within the scope that the holder has now, and write them."""
    kept = dict(export.filters)
    plan_id = kept.pop("plan", "")
    lines: list[ClassLine] = []
    number, is_last = 1, False
    while not is_last:
        with runtime.read() as uow:
            scope = class_queries.class_scope(uow, holder, plan_id)
            part, page = class_queries.class_page(uow, holder, scope, ClassFilter(**kept), number, CHUNK)
            taught = refusal_queries.taught(uow, scope.plan)
        lines += part
        tell(min(len(lines), export.total))
        number, is_last = number + 1, number >= page.pages
    return Written(write_class(lines, taught), len(lines))


def send_reminders(runtime: Runtime, *, round_id: str, now: datetime | None = None) -> None:
    """Mail the reminders of a round. A try that was cut off is taken up where it stopped."""
    while True:
        with runtime.read(now) as uow:
            waiting = reminder_queries.waiting_mails(uow, round_id, MAILS)
            plan = get_plan(uow, waiting[0].plan_id) if waiting else None
        if plan is None:
            return
        settings = runtime.settings
        for one in waiting:
            if one.email is None:
                continue
            text = REMINDER_TEXT.format(
                name=one.name, title=plan.title, counted=one.counted // MINUTE,
                required=-(-plan.required_study_seconds // MINUTE), daily=-(-one.daily // MINUTE),
                closes=plan.study_until.strftime("%Y-%m-%d"), link=f"{settings.base_url}/study/{plan.id}",
            )  # fmt: skip
            send_mail(settings, one.email, f"学习提醒 Study reminder · {settings.site_name}", text)
        with runtime.write(now) as uow:
            reminders.note_mailed(uow, round_id, [one.person_id for one in waiting])


def sweep_reminders(runtime: Runtime) -> None:
    """Remind, by day, those who are behind in plans whose rule says so; twice changes nothing."""
    with runtime.read() as uow:
        due = list(reminder_queries.due_plans(uow)) if is_hour_for_reminders(uow.now) else []
    for plan_id in due:
        try:
            with runtime.write() as uow:
                reminders.remind_by_rule(uow, REMINDER, plan_id)
        except Refusal as refusal:
            log.warning("nobody of plan %s was reminded: %s", plan_id, refusal.code)
