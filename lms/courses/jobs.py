"""Jobs of the courses room: preparing uploaded videos, telling about it, and clearing up."""

import logging
import time
from datetime import datetime
from pathlib import Path

from lms.accounts.queries import mail_address
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.courses import queries, service
from lms.courses.policy import GAVE_UP, is_worth_telling
from lms.courses.preparing import NotALessonVideo, NotWanted, prepare_stored
from lms.courses.workplace import clear_abandoned
from lms.notices.mail import send_mail

PREPARER = Actor.system("courses.prepare_video")
SWEEPER = Actor.system("courses.sweep_videos")
NOTE_EVERY_SECONDS = 2.0

# A job has no reader whose language it could ask for, so a mail says everything in both.
SETTLED_TEXT = """{name}，您好：

您为“{title}”上传的视频已经处理完，请打开下面的页面查看结果：

{link}

--

Hello {name},

the work on the video of “{title}” has ended. Its result is here:

{link}
"""

log = logging.getLogger(__name__)


def prepare_video(runtime: Runtime, *, lesson_id: str, turn: int, now: datetime | None = None) -> None:
    """Make the renditions and the poster of a lesson's uploaded file; what is not wanted any more is left.

    Nothing of a try that was killed counts: the next one begins with an empty folder. A try that is not wanted any
    more ends within seconds, because others wait behind it.
    """
    with runtime.write(now) as uow:
        lesson = queries.under_way(uow, lesson_id, turn)
        if lesson is None or lesson.upload_key is None:
            return
        service.begin_work(uow, lesson_id, turn)
    noted = -NOTE_EVERY_SECONDS

    def tell(done: int) -> None:
        nonlocal noted
        if time.monotonic() - noted < NOTE_EVERY_SECONDS:
            return
        noted = time.monotonic()
        try:
            with runtime.write(now) as uow:
                is_wanted = service.get_on(uow, lesson_id, turn, done)
        except Refusal:
            log.info("the progress of lesson %s was not noted", lesson_id)
        else:
            if not is_wanted:
                raise NotWanted

    try:
        made = prepare_stored(runtime.storage, lesson.upload_key, _work_folder(runtime), tell)
    except NotALessonVideo as refusal:
        with runtime.write(now) as uow:
            service.refuse_video(uow, PREPARER, lesson_id, turn, refusal.reason_code)
        return
    except NotWanted:
        log.info("the video of lesson %s is not wanted any more", lesson_id)
        return
    # The files are stored, so they may be named (fault E4).
    with runtime.write(now) as uow:
        service.finish_video(uow, PREPARER, lesson_id, turn, made)


def tell_video(runtime: Runtime, *, lesson_id: str, turn: int, now: datetime | None = None) -> None:
    """Mail the person who uploaded a video, when the work took so long that he may have left. Twice is no harm."""
    with runtime.read(now) as uow:
        lesson = queries.settled(uow, lesson_id, turn)
        if lesson is None or lesson.asked_by is None or lesson.asked_at is None:
            return
        if not is_worth_telling(lesson.asked_at, uow.now):
            return
        address = mail_address(uow, lesson.asked_by)
    if address is None:
        return
    settings = runtime.settings
    link = f"{settings.base_url}/desk/courses/lessons/{lesson_id}"
    text = SETTLED_TEXT.format(name=address.name, title=lesson.title, link=link)
    send_mail(settings, address.email, f"视频处理完毕 Video done · {settings.site_name}", text)


def sweep_videos(runtime: Runtime) -> None:
    """Say so where a job has given up, and clear away what killed tries left on the disk."""
    with runtime.read() as uow:
        abandoned = queries.given_up(uow)
    for lesson in abandoned:
        log.warning("the video of lesson %s was given up", lesson.id)
        with runtime.write() as uow:
            service.refuse_video(uow, SWEEPER, lesson.id, lesson.turn, GAVE_UP)
    clear_abandoned(_work_folder(runtime))


def _work_folder(runtime: Runtime) -> Path:
    return runtime.root / "videos"
