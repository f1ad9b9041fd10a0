"""The rules of a blueprint."""

from collections.abc import Sequence

from lms.core.errors import Reason
from lms.questions.policy.faults import fault_reason
from question_bank.validation import Fault


def blueprint_reasons(faults: Sequence[Fault]) -> list[Reason]:
    """Turn the faults of a blueprint into reasons."""
    return [fault_reason("blueprint", fault, "sections") for fault in faults]
