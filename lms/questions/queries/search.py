"""Finding items by words, the same way on both databases: one scan of one narrow table of normalised texts."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from lms.questions.models import ItemText, QuestionItem
from lms.questions.policy import terms


class _Holds(GenericFunction[bool]):
    """Whether a text holds another one, sign by sign: no pattern, so nothing in the words means anything else."""

    type = Boolean()
    inherit_cache = True
    name = "text_holds"


@compiles(_Holds, "sqlite")
def _on_sqlite(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **options)}) > 0)"


@compiles(_Holds, "postgresql")
def _on_postgresql(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **options)}) > 0)"


def found_by(text: str) -> list[ColumnElement[bool]]:
    """Build the condition that an item holds every word of a text in its stem, options or explanation."""
    words = terms(text)
    if not words:
        return []
    holding = select(ItemText.item_id).where(*(_Holds(ItemText.text, word) for word in words))
    return [QuestionItem.id.in_(holding)]
