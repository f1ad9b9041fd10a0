"""Every invariant of the house, gathered from its rooms."""

from lms.audit.invariants import INVARIANTS as AUDIT
from lms.core.invariants import Invariant

ALL_INVARIANTS: tuple[Invariant, ...] = (*AUDIT,)
