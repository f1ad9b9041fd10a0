"""What the registry refuses."""

from lms.core.errors import N_, Conflict, Refusal


class TooManyLookups(Refusal):
    """One address has checked too many certificates within a minute (fault F2)."""

    code = "too_many_lookups"
    status = 429
    title = N_("查验太频繁")


class EntryRevoked(Conflict):
    """The entry was revoked for good; a new certificate does not bring it back."""

    code = "entry_revoked"
    title = N_("登记已撤销")


class NotMergeable(Conflict):
    """Two entries cannot be merged, or a merge cannot be undone."""

    code = "entries_not_mergeable"
    title = N_("现在不能这样合并登记")


class NotMovable(Conflict):
    """The entry's state does not allow this act."""

    code = "entry_not_movable"
    title = N_("现在不能这样变更登记")
