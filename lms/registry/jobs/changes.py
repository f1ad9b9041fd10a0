"""Mails about change requests: how one was decided."""

from datetime import datetime

from lms.accounts.queries import mail_address
from lms.core.unit_of_work import Runtime
from lms.notices.mail import send_mail
from lms.registry.policy.changes import ChangeState
from lms.registry.queries.changes import get_change

# A job has no reader whose language it could ask for, so a mail says everything in both. Where somebody works is no
# business of a mail: the page says it to who signs in.
DECIDED_TEXT = {
    ChangeState.ACCEPTED: """{name}，您好：

您关于变更登记的工作单位的申请已经处理：同意，登记已经变更。请登录后查看：

{link}

--

Hello {name},

your request to change the workplace in your register entry was accepted, and the entry was changed. Please sign in
to see it:

{link}
""",
    ChangeState.REFUSED: """{name}，您好：

您关于变更登记的工作单位的申请已经处理：没有同意，登记不变。理由请登录后查看：

{link}

--

Hello {name},

your request to change the workplace in your register entry was not accepted; the entry stays as it is. Please sign
in to see why:

{link}
""",
}


def tell_change(runtime: Runtime, *, change_id: str, now: datetime | None = None) -> None:
    """Mail how a request was decided. Running twice sends the same mail twice, which does no harm."""
    with runtime.read(now) as uow:
        change = get_change(uow, change_id)
        to = mail_address(uow, change.asked_by)
    text = DECIDED_TEXT.get(change.state)
    if to is None or text is None:
        return
    settings = runtime.settings
    body = text.format(name=to.name, link=f"{settings.base_url}/entries")
    send_mail(settings, to.email, f"变更申请的结果 Your request · {settings.site_name}", body)
