"""Who acts: a person with granted roles, or the house itself."""

from collections.abc import Iterable
from dataclasses import dataclass

EVERYWHERE = "/"
"""The scope path of the whole province; an organisation's path starts and ends with a slash."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role, held within one scope (an organisation path such as ``/p/c/i/``)."""

    role: str
    scope_path: str

    def covers(self, path: str) -> bool:
        """Tell whether an organisation path lies within this grant's scope."""
        return path.startswith(self.scope_path)


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who asks: passed to every service, query and audit row."""

    person_id: str | None
    label: str
    grants: tuple[Grant, ...] = ()
    login_session_id: str | None = None

    def has_role(self, *roles: str) -> bool:
        """Tell whether the actor holds one of the roles in any scope."""
        return any(grant.role in roles for grant in self.grants)

    def covers(self, path: str, roles: Iterable[str]) -> bool:
        """Tell whether one of the roles reaches the organisation path."""
        wanted = frozenset(roles)
        return any(grant.role in wanted and grant.covers(path) for grant in self.grants)

    def scope_paths(self, *roles: str) -> tuple[str, ...]:
        """Return the scope paths in which the actor holds one of the roles; queries filter by them."""
        return tuple(sorted({grant.scope_path for grant in self.grants if grant.role in roles}))

    @classmethod
    def system(cls, label: str) -> "Actor":
        """Return the house itself, acting as a sweeper, a job or an operator's command."""
        return cls(person_id=None, label=label)
