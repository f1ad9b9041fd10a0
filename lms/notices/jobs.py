"""Jobs that send messages."""

import base64
from datetime import datetime

from lms.accounts.queries import get_person, recovery_address
from lms.accounts.service import RECOVERY_SEAL
from lms.core.unit_of_work import Runtime
from lms.notices.mail import send_mail

# A job has no reader whose language it could ask for, so a mail says everything in both.
RECOVERY_TEXT = """{name}，您好：

有人为您在{site}的账号申请重设密码。请在 30 分钟内打开下面的链接设置新密码：

{link}

如果不是您本人申请，请忽略这封邮件，原密码继续有效。

--

Hello {name},

somebody asked to reset the password of your account at {site}. Please open this link within 30 minutes to set a
new one:

{link}

If it was not you, please ignore this mail; your password stays as it is.
"""

EXPORT_TEXT = {
    "done": """{name}，您好：

您在{site}要求导出的文件已经写好，保留 7 天。请登录后下载：

{link}

--

Hello {name},

the file you asked for at {site} is ready and will be kept for 7 days. Please sign in to download it:

{link}
""",
    "failed": """{name}，您好：

您在{site}要求导出的文件没有写成，原因和办法在这一页：

{link}

--

Hello {name},

the file you asked for at {site} could not be written. This page says why and what to do:

{link}
""",
}


def send_recovery(
    runtime: Runtime, *, recovery_id: str, sealed_token: str, now: datetime | None = None
) -> None:
    """Mail the way back in. Running twice sends the same link twice, which does no harm."""
    with runtime.read(now) as uow:
        address = recovery_address(uow, recovery_id)
    if address is None:
        return
    token = runtime.vault.open(base64.b64decode(sealed_token), RECOVERY_SEAL)
    settings = runtime.settings
    link = f"{settings.base_url}/recover/{token}"
    text = RECOVERY_TEXT.format(name=address.name, site=settings.site_name, link=link)
    send_mail(settings, address.email, f"重设密码 Reset your password · {settings.site_name}", text)


def tell_of_export(
    runtime: Runtime, *, export_id: str, person_id: str, outcome: str, now: datetime | None = None
) -> None:
    """Mail that a file is there, or never will be. Running twice sends the same mail twice, which does no harm."""
    with runtime.read(now) as uow:
        person = get_person(uow, person_id)
    if not person.email:
        return
    settings = runtime.settings
    text = EXPORT_TEXT[outcome].format(
        name=person.display_name, site=settings.site_name, link=f"{settings.base_url}/exports/{export_id}"
    )
    send_mail(settings, person.email, f"导出的文件 Your exported file · {settings.site_name}", text)
