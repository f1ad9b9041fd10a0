"""Reminders before the end of certificates: the sweeper that finds who is due, and the mails."""

from datetime import datetime

from lms.core.actors import Actor
from lms.core.formats import date_iso
from lms.core.unit_of_work import Runtime
from lms.notices.mail import send_mail
from lms.registry.queries import reminders as reminder_queries
from lms.registry.service import reminders as reminder_service
from lms.study.policy.pace import is_hour_for_reminders

BATCH = 200
MAILS = 50
REMINDER = Actor.system("registry.remind")

# A job has no reader whose language it could ask for, so a mail says everything in both.
TEXT = """{name}，您好：

您的考评员证书有效期至 {day}，编号 {number}。到期后不能再承担考评工作，请及时了解换证的安排：

{link}

--

Hello {name},

your examiner's certificate {number} is valid until {day}. After that day you may no longer assess; please look into
renewing it in time:

{link}
"""


def sweep_expiring(runtime: Runtime) -> None:
    """Remind by day those whose certificates end soon, a bounded batch at a time; twice changes nothing."""
    while True:
        with runtime.write() as uow:
            if not is_hour_for_reminders(uow.now):
                return
            if reminder_service.remind_due(uow, REMINDER, BATCH) < BATCH:
                return


def send_expiry_reminders(runtime: Runtime, *, round_id: str, now: datetime | None = None) -> None:
    """Mail the reminders of a round. A try that was cut off is taken up where it stopped."""
    settings = runtime.settings
    while True:
        with runtime.read(now) as uow:
            waiting = reminder_queries.waiting_mails(uow, round_id, MAILS)
        if not waiting:
            return
        for one in waiting:
            if one.email is None:
                continue
            text = TEXT.format(
                name=one.name, day=date_iso(one.valid_until), number=one.number,
                link=f"{settings.base_url}/certificates",
            )  # fmt: skip
            send_mail(
                settings, one.email, f"证书即将到期 Your certificate ends soon · {settings.site_name}", text
            )
        with runtime.write(now) as uow:
            reminder_service.note_mailed(uow, round_id, [(one.number, one.days) for one in waiting])
