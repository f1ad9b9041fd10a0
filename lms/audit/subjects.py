"""What acts were about. The record knows ids alone; rooms ahead know whose they are, and the app introduces them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lms.core.unit_of_work import UnitOfWork

SUBJECTS = "lms_audit_subjects"
"""Where a running application keeps its FindSubjects."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose it is, or what it is called."""

    person_id: str = ""
    title: str = ""


FindSubjects = Callable[[UnitOfWork, Mapping[str, set[str]]], dict[str, Subject]]
"""Kind of thing -> ids of some, to what each is."""
