"""Telling every process that papers may draw other questions from now on."""

from sqlalchemy import update

from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions.models import StockMark


def renew_stock_mark(uow: UnitOfWork) -> None:
    """Give the stock a new mark, in the transaction that changes what papers may draw.

    Call it after the change: on PostgreSQL whoever else changes the bank waits here, and must hold by then all it
    needs.
    """
    uow.session.execute(update(StockMark).values(mark=new_id()))
