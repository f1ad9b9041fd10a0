"""Mails of the study room: how an appeal was decided."""

from datetime import datetime

from lms.accounts.queries import mail_address
from lms.core.unit_of_work import Runtime
from lms.notices.mail import send_mail
from lms.study.policy.appeals import AppealState
from lms.study.queries import appeals as appeal_queries

# A job has no reader whose language it could ask for, so a mail says everything in both.
DECIDED_TEXT = {
    AppealState.GRANTED: """{name}，您好：

您关于学时的申诉已经处理：同意，补记 {seconds} 秒。理由和明细在这一页：

{link}

--

Hello {name},

your appeal about study time was granted: {seconds} seconds were added. The reason and the details are here:

{link}
""",
    AppealState.REFUSED: """{name}，您好：

您关于学时的申诉已经处理：没有同意。理由在这一页，您可以回看补上这些时间：

{link}

--

Hello {name},

your appeal about study time was not granted. The reason is on this page; you can make up the time by watching again:

{link}
""",
}


def tell_appeal(runtime: Runtime, *, appeal_id: str, now: datetime | None = None) -> None:
    """Mail how an appeal was decided. Running twice sends the same mail twice, which does no harm."""
    with runtime.read(now) as uow:
        appeal = appeal_queries.get_appeal(uow, appeal_id)
        to = mail_address(uow, appeal.person_id)
    text = DECIDED_TEXT.get(appeal.state)
    if to is None or text is None:
        return
    settings = runtime.settings
    link = f"{settings.base_url}/study/{appeal.plan_id}/refused"
    body = text.format(name=to.name, seconds=appeal.granted_seconds, link=link)
    send_mail(settings, to.email, f"学时申诉的结果 Your appeal · {settings.site_name}", body)
