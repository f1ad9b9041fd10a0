"""What happened to certificates."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class CertificateNumbered(Event):
    """A certificate has its number and waits to be printed."""

    certificate_id: str


@dataclass(frozen=True, slots=True)
class CertificateIssued(Event):
    """A certificate is printed, stored and valid."""

    certificate_id: str
