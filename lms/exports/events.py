"""What happened to exports."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class ExportRequested(Event):
    """Somebody asked for a file; it waits to be written."""

    export_id: str


@dataclass(frozen=True, slots=True)
class ExportEnded(Event):
    """The file is there, or never will be: the one who asked may have left the page."""

    export_id: str
    person_id: str
    outcome: str
