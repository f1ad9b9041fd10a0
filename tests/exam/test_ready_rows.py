"""Rows of ready statements hold what rows of the ORM hold: words of code lists, truths, moments, JSON, nothing."""

import pytest
from sqlalchemy import select

from lms.core.database import Base
from lms.core.ready_statement import ReadyStatement
from lms.enrolment.models import Application, ApplicationStage
from lms.exam.models.attempts import Attempt, Paper
from lms.plans.models import Plan
from tests.exam.conftest import Candidate, ExamHouse


@pytest.mark.parametrize("model", [Attempt, Paper, Application, ApplicationStage, Plan])
def test_every_column_is_read_as_the_orm_reads_it(
    house: ExamHouse, candidate: Candidate, model: type[Base]
) -> None:
    first, second = house.start(candidate), house.candidate()
    house.hand_in(candidate, first)
    house.start(second)
    columns = model.__table__.columns
    with house.runtime.read() as uow:
        plain = [tuple(row) for row in uow.session.execute(select(*columns).order_by(columns["id"]))]
        ready = ReadyStatement(select(*columns).order_by(columns["id"])).rows(uow.session)
    assert plain
    assert [tuple(row) for row in ready] == plain
    assert [list(map(type, row)) for row in ready] == [list(map(type, row)) for row in plain]
