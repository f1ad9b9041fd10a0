"""Handing a mail over: to an SMTP server, or into a folder when none is configured."""

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from lms.core.identifiers import new_id
from lms.core.settings import Settings

SMTP_TIMEOUT_SECONDS = 20


def send_mail(settings: Settings, to: str, subject: str, text: str) -> None:
    """Send one mail. Raises OSError or smtplib.SMTPException when it was not taken; the job tries again.

    Without LMS_MAIL_URL the mail becomes a file in `<instance>/mail/`, where an operator of a
    small site, or a test, finds it.
    """
    message = EmailMessage()
    message["From"] = settings.mail_sender
    message["To"] = to
    message["Subject"] = subject
    message.set_content(text)
    if not settings.mail_url:
        folder = settings.instance_dir / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{new_id()}.eml").write_bytes(bytes(message))
        return
    target = urlsplit(settings.mail_url)
    kind = smtplib.SMTP_SSL if target.scheme == "smtps" else smtplib.SMTP
    with kind(target.hostname or "localhost", target.port or 0, timeout=SMTP_TIMEOUT_SECONDS) as server:
        if target.scheme == "smtp" and target.username:
            server.starttls()
        if target.username:
            server.login(unquote(target.username), unquote(target.password or ""))
        server.send_message(message)
