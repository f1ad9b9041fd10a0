"""One page of a list, counted once."""

from typing import TypeVarTuple

from sqlalchemy import Select, func

from lms.core.paging import Page, page_count
from lms.core.unit_of_work import UnitOfWork

Columns = TypeVarTuple("Columns")


def page_of(
    uow: UnitOfWork, wanted: Select[*Columns], number: int, size: int, *, total: int | None = None
) -> tuple[Select[*Columns], Page]:
    """Narrow a statement to one of its pages, the last one when there are not so many, and say where it stands.

    `total` is how many lines there are, if the caller has counted them.
    """
    if total is None:
        total = uow.session.scalar(wanted.order_by(None).with_only_columns(func.count())) or 0
    page = Page(max(1, min(number, page_count(total, size))), size, total)
    return wanted.limit(size).offset((page.number - 1) * size), page
