"""The row of a lesson of a draft: the one place where it is written."""

from sqlalchemy import update

from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import DraftLesson


def change_lesson(uow: UnitOfWork, lesson_id: str, **values: object) -> None:
    """Write values of a lesson of a draft that is held."""
    uow.session.execute(
        update(DraftLesson)
        .where(DraftLesson.id == lesson_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    uow.session.expire_all()
