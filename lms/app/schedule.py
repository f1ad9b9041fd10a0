"""The one page of periodic work: every sweeper and how often it runs."""

from lms.audit import jobs as audit
from lms.core.periodic import Periodic

SCHEDULE: tuple[Periodic, ...] = (
    Periodic("audit.seal", 1, audit.seal),
)
