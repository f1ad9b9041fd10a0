"""Jobs and periodic work of the registry."""

from datetime import datetime

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.registry.service import entries as service

REGISTRAR = Actor.system("registry.register")
SWEEPER = Actor.system("registry.expire")


def register(runtime: Runtime, *, certificate_id: str, now: datetime | None = None) -> None:
    """Enter the holder of an issued certificate; running twice makes one entry."""
    with runtime.write(now) as uow:
        service.register(uow, REGISTRAR, certificate_id)


def follow_certificate(runtime: Runtime, *, certificate_id: str, now: datetime | None = None) -> None:
    """Suspend or resume the entry that stands on a certificate that was; running twice changes nothing more."""
    with runtime.write(now) as uow:
        service.follow_certificate(uow, service.FOLLOWER, certificate_id)


def sweep_expired(runtime: Runtime) -> None:
    """Write the expiry of entries past their last day, a bounded batch at a time."""
    while True:
        with runtime.write() as uow:
            if service.expire_due(uow, SWEEPER) == 0:
                return


def sweep_lookups(runtime: Runtime) -> None:
    """Forget old look-up counts."""
    with runtime.write() as uow:
        service.forget_lookups(uow)
