"""Faults of the bank as reasons."""

from lms.core.errors import Reason
from question_bank.validation import Fault


def fault_reason(kind: str, fault: Fault, field_name: str) -> Reason:
    """Turn a fault of a file or a blueprint into a reason at a field of the form that brought it."""
    return Reason(f"{kind}.{fault.code}", "%(words)s", params={"words": fault.words}, field_name=field_name)
