"""Many rows at once arrive letter by letter, in the caller's transaction."""

import pytest
from sqlalchemy import select

from lms.core.bulk import insert_rows
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.questions.models import Blueprint

TEXTS = (
    "", "制表\t符与反斜杠 \\N \\t", "换\n行\r\n，'单' \"双\" 引号；%s {x} ? :a $1", "𠮷野家 é̂", "\\.",
)  # fmt: skip
ROWS = [(f"b{number}", f"c{number}", "方案", text, 1_700_000_000_000) for number, text in enumerate(TEXTS)]


def stored(runtime: Runtime) -> list[str]:
    with runtime.read() as uow:
        return list(uow.session.scalars(select(Blueprint.body).order_by(Blueprint.id)))


def test_texts_of_every_kind_arrive_as_they_were_given(runtime: Runtime) -> None:
    with runtime.write() as uow:
        insert_rows(uow.session, Blueprint, ROWS)
        insert_rows(uow.session, Blueprint, [])
    assert stored(runtime) == list(TEXTS)


def test_they_are_undone_with_the_rest_and_a_clash_is_the_usual_refusal(runtime: Runtime) -> None:
    with runtime.write() as uow:
        insert_rows(uow.session, Blueprint, ROWS)
        uow.session.rollback()
    assert stored(runtime) == []
    with pytest.raises(Refusal), runtime.write() as uow:
        insert_rows(uow.session, Blueprint, [*ROWS, ROWS[0]])
    assert stored(runtime) == []
