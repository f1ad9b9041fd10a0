"""What happened to certificates."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class CertificateNumbered(Event):
    """A certificate has its number and waits to be printed."""

    certificate_id: str


@dataclass(frozen=True, slots=True)
class NumberingAsked(Event):
    """A registrar wants a passed application to be numbered now; its own job has ended long ago."""

    application_id: str


@dataclass(frozen=True, slots=True)
class PrintingAsked(Event):
    """A registrar wants a numbered certificate to be printed now; its own job has ended long ago."""

    certificate_id: str


@dataclass(frozen=True, slots=True)
class LayoutEdited(Event):
    """The draft of a layout was changed, and a sample of it is to be drawn."""

    layout_id: str
    edition: int


@dataclass(frozen=True, slots=True)
class CertificateIssued(Event):
    """A certificate is printed, stored and valid."""

    certificate_id: str


@dataclass(frozen=True, slots=True)
class CertificateSuspended(Event):
    """A certificate is out of force until two persons decide about it, or its ground has gone."""

    certificate_id: str


@dataclass(frozen=True, slots=True)
class CertificateResumed(Event):
    """A suspended certificate is in force again."""

    certificate_id: str
