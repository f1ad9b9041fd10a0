"""Forgetting what serves nothing any more (storage limitation)."""

from datetime import datetime

from sqlalchemy import delete

from lms.accounts.models import RecoveryToken, SignInFailure
from lms.core.unit_of_work import UnitOfWork


def sweep_spent(uow: UnitOfWork, older_than: datetime) -> None:
    """Forget failed sign-ins and links that ran out before `older_than`."""
    uow.session.execute(delete(SignInFailure).where(SignInFailure.at < older_than))
    uow.session.execute(delete(RecoveryToken).where(RecoveryToken.expires_at < older_than))
