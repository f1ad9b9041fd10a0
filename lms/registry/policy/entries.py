"""The rules of the registry: states, what may be done to an entry, and how often anyone may look."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lms.certificates.policy.certificates import EXPIRING_WITHIN, ground_reasons, local_day
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine

LOOKUPS_PER_MINUTE = 60  # fault F2, per address
LOOKUP_WINDOW = timedelta(minutes=1)
PAGE_SIZE = 50
_MONTH_KEY = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
_MONTHS = 12


class EntryState(StrEnum):
    """An entry's life (reliability plan, part 3)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"
    MERGED = "merged"


ENTRY = StateMachine(
    name="registry_entry",
    initial=EntryState.ACTIVE,
    moves={
        "suspend": Move((EntryState.ACTIVE,), EntryState.SUSPENDED),
        "resume": Move((EntryState.SUSPENDED,), EntryState.ACTIVE),
        "expire": Move((EntryState.ACTIVE, EntryState.SUSPENDED), EntryState.EXPIRED),
        "renew": Move((EntryState.ACTIVE, EntryState.EXPIRED), EntryState.ACTIVE),
        # Another version of the same certificate: the entry goes with it and stands as it stood.
        "reissue": Move((EntryState.ACTIVE,), EntryState.ACTIVE),
        "reissue_suspended": Move((EntryState.SUSPENDED,), EntryState.SUSPENDED),
        "reissue_expired": Move((EntryState.EXPIRED,), EntryState.EXPIRED),
        "revoke": Move((EntryState.ACTIVE, EntryState.SUSPENDED, EntryState.EXPIRED), EntryState.REVOKED),
        # Only with a certificate that two persons restored (docs/decisions/0065).
        "restore": Move((EntryState.REVOKED,), EntryState.ACTIVE),
        # A duplicate of the same person, found so by two persons (docs/decisions/0072); none that is in force.
        "merge": Move((EntryState.EXPIRED, EntryState.REVOKED), EntryState.MERGED),
        "split_expired": Move((EntryState.MERGED,), EntryState.EXPIRED),
        "split_revoked": Move((EntryState.MERGED,), EntryState.REVOKED),
    },
)

VERB_NAMES: dict[str, str] = {
    "create": N_("首次登记"),
    "suspend": N_("暂停"),
    "resume": N_("恢复"),
    "expire": N_("到期"),
    "renew": N_("更换证书"),
    "reissue": N_("补发证书"),
    "reissue_suspended": N_("补发证书，仍为暂停"),
    "reissue_expired": N_("补发证书，仍为到期"),
    "restore": N_("撤销有误，恢复登记"),
    "revoke": N_("撤销"),
    "merge": N_("并入另一条登记"),
    "split_expired": N_("撤回并入，仍为到期"),
    "split_revoked": N_("撤回并入，仍为撤销"),
}


_REISSUES = {
    EntryState.ACTIVE: "reissue",
    EntryState.SUSPENDED: "reissue_suspended",
    EntryState.EXPIRED: "reissue_expired",
}


def follow_verb(
    state: EntryState, *, same_number: bool, was_restored: bool, was_renewed: bool = False
) -> str | None:
    """Return the verb by which an entry follows to an issued certificate, or None when it must not.

    `was_restored`: two persons had a version of this number issued again after its revocation; `was_renewed`: its
    holder was certified again under this number since the version on which the entry stands.
    """
    if state is EntryState.MERGED:
        return None
    if state is EntryState.REVOKED:
        return "restore" if same_number and was_restored else None
    return _REISSUES[state] if same_number and not was_renewed else "renew"


class EntryStanding(StrEnum):
    """What a page says of an entry at a moment. A day past the last one counts as expired at once."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    MERGED = "merged"


STANDING_NAMES: Mapping[EntryStanding, str] = {
    EntryStanding.VALID: N_("有效"),
    EntryStanding.EXPIRING: N_("即将到期"),
    EntryStanding.EXPIRED: N_("已到期"),
    EntryStanding.SUSPENDED: N_("暂停"),
    EntryStanding.REVOKED: N_("已撤销"),
    EntryStanding.MERGED: N_("已并入"),
}
LISTED: tuple[EntryStanding, ...] = tuple(one for one in EntryStanding if one is not EntryStanding.MERGED)
"""What entries of the list may stand: a merged one is reached from the one that stays."""


def entry_standing(state: EntryState, until: date, now: datetime) -> EntryStanding:
    """Say how an entry stands; the sweeper that writes the expiry may be an hour behind, this is not."""
    if state in (EntryState.REVOKED, EntryState.MERGED):
        return EntryStanding(state.value)
    left = until - local_day(now)
    if state is EntryState.EXPIRED or left < timedelta(0):
        return EntryStanding.EXPIRED
    if state is EntryState.SUSPENDED:
        return EntryStanding.SUSPENDED
    return EntryStanding.EXPIRING if left < EXPIRING_WITHIN else EntryStanding.VALID


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in which entries end: its first day, and the first day after it."""

    first: date
    after: date

    @property
    def key(self) -> str:
        """The month as addresses name it: 2027-03."""
        return f"{self.first:%Y-%m}"


def month_of(key: str) -> Month | None:
    """Read a month as addresses name it, or None when it is none."""
    found = _MONTH_KEY.fullmatch(key)
    return _month(int(found[1]) * _MONTHS + int(found[2]) - 1) if found else None


def months_from(today: date, count: int) -> tuple[Month, ...]:
    """Return the month of a day and those that follow it."""
    present = today.year * _MONTHS + today.month - 1
    return tuple(_month(present + ahead) for ahead in range(count))


def _month(since_zero: int) -> Month:
    first, after = (divmod(number, _MONTHS) for number in (since_zero, since_zero + 1))
    return Month(date(first[0], first[1] + 1, 1), date(after[0], after[1] + 1, 1))


def move_reasons(verb: str, state: EntryState, reason: str) -> list[Reason]:
    """Say why a registrar cannot suspend, resume or revoke an entry: wrong state, or no written reason (C5, E7)."""
    reasons = []
    if not ENTRY.allows(verb, state):
        reasons.append(
            Reason(
                "entry.state", N_("登记的变更要从规定的状态开始"), now=N_("这条登记现在的状态不能这样变更"),
                way_out=N_("请刷新页面，按最新的状态再办理"), source="E7",
            )
        )  # fmt: skip
    return [*reasons, *ground_reasons("entry.reason", reason)]


def too_many_lookups(most: int = LOOKUPS_PER_MINUTE) -> Reason:
    """Say that an address, or a person with lists, has to wait."""
    return Reason(
        "verify.too_many", N_("为防止批量查询，每分钟最多查验 %(limit)s 次"), now=N_("本分钟已达上限"),
        way_out=N_("请一分钟后再试"), source="F2", params={"limit": most},
    )  # fmt: skip


def revoked_for_good(entry_id: str) -> Reason:
    """Say that a revoked entry does not come back by a new certificate."""
    return Reason(
        "entry.revoked", N_("撤销的登记不因新证书而恢复"), now=N_("登记 %(id)s 已撤销"),
        way_out=N_("请登记员核实后处理"), source="E8", params={"id": entry_id},
    )  # fmt: skip
