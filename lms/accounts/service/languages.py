"""The language a person reads."""

from sqlalchemy import update

from lms.accounts.models import Person
from lms.accounts.policy import Language
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork


def choose_language(uow: UnitOfWork, actor: Actor, language: Language) -> None:
    """Keep a person's choice; it goes along to every device he signs in at."""
    uow.session.execute(update(Person).where(Person.id == actor.person_id).values(language=language))
    record(uow, actor, "person:language", actor.person_id or "", language=language.value)
