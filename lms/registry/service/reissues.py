"""Having the certificate of an entry printed anew."""

from lms.accounts.policy import Role
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import get_certificate
from lms.certificates.service import versions
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.registry.queries.entries import get_entry


def reissue(uow: UnitOfWork, actor: Actor, entry_id: str, cause: VersionCause, words: str) -> str:
    """Have the certificate of an entry printed anew under its number; return the new version's id.

    Raises NotFound outside the registrar's scope, Invalid and NotReissuable as the certificates room says.
    """
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    return versions.reissue(uow, actor, entry.certificate_id, cause, words)


def drop(uow: UnitOfWork, actor: Actor, entry_id: str, certificate_id: str, words: str) -> None:
    """Give up a later version of an entry's certificate that is not printed yet."""
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    if get_certificate(uow, certificate_id).number != entry.certificate_number:
        raise NotFound
    versions.drop(uow, actor, certificate_id, words)
