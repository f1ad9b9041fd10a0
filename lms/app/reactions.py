"""The one page that says what follows from what: event -> jobs, and job name -> function."""

from collections.abc import Mapping

from lms.accounts.events import RecoveryRequested
from lms.core.jobs import Handler
from lms.core.unit_of_work import Reaction, Reactions
from lms.notices import jobs as notices

REACTIONS: Reactions = {
    RecoveryRequested: (Reaction("notices.send_recovery"),),
}

HANDLERS: Mapping[str, Handler] = {
    "notices.send_recovery": notices.send_recovery,
}
