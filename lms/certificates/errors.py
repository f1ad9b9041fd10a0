"""What the certificates room refuses."""

from lms.core.errors import N_, Conflict, Refusal


class NumbersExhausted(Refusal):
    """The year, institution and level have used all their serial numbers (H1)."""

    code = "numbers_exhausted"
    title = N_("证书编号已用完")


class Unnumberable(Refusal):
    """The number rule cannot be filled with this institution's code (H1)."""

    code = "unnumberable"
    title = N_("不能编制证书编号")


class NotCompleted(Refusal):
    """The application has not passed its last stage: there is nothing to certify (fault F3)."""

    code = "not_completed"
    title = N_("还不能签发证书")


class AlreadyCertified(Conflict):
    """The person holds a live certificate for this occupation and level already (C4)."""

    code = "already_certified"
    title = N_("已有有效证书")


class Unprintable(Refusal):
    """The sheet cannot be printed as it stands; nothing was issued."""

    code = "unprintable"
    status = 422
    title = N_("证书不能打印")


class NotReissuable(Conflict):
    """The certificate is not in a state in which another version of it can be made or take its place."""

    code = "not_reissuable"
    title = N_("现在不能补发证书")


class Unsealable(Refusal):
    """The printed certificate cannot be sealed now; nothing was issued."""

    code = "unsealable"
    status = 503
    title = N_("证书不能盖章")


class NotRevocable(Conflict):
    """The certificate is not in a state that can be revoked."""

    code = "not_revocable"
    title = N_("不能撤销")
