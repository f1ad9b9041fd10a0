"""The receipt of a handed-in sheet: a short code over what the server received, and when it closed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.exam.policy.attempts import write_choice
from lms.exam.queries import AttemptFacts, saved_answers

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, GROUP = 12, 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a candidate may hold against us: the code, when the sheet was closed, and how many answers it had."""

    code: str
    closed_at: datetime
    answered: int


def receipt_of(uow: UnitOfWork, attempt: AttemptFacts) -> Receipt | None:
    """Return the receipt of a closed attempt: the same code for as long as nobody has changed an answer.

    It is made from the stored answers and a secret key, so that it can be made again and not be invented.
    """
    if attempt.closed_at is None:
        return None
    saved = saved_answers(uow, attempt.id)
    sheet = "\n".join(
        f"{one.position}:{one.revision}:{write_choice(one.chosen)}"
        for one in sorted(saved.values(), key=lambda answer: answer.position)
    )
    digest = hashlib.sha256(sheet.encode()).hexdigest()
    mark = int(uow.vault.index(f"{attempt.id}:{to_ms(attempt.closed_at)}:{digest}", "exam.receipt"), 16)
    letters = "".join(_LETTERS[(mark >> (5 * place)) & 31] for place in range(CODE_LENGTH))
    code = "-".join(letters[start : start + GROUP] for start in range(0, CODE_LENGTH, GROUP))
    return Receipt(code, attempt.closed_at, sum(1 for one in saved.values() if one.chosen))
