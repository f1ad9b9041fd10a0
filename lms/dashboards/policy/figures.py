"""Which figures a member of staff may see, of whom, and how people are sorted into them. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.plans.policy import FULL_MARK_HUNDREDTHS

STUDY_PARTS = 10
"""The required time is counted in tenths; who has all of it stands in one part more."""
SCORE_BIN = 5_00  # hundredths of a point (H12)
SCORE_BINS = FULL_MARK_HUNDREDTHS // SCORE_BIN


class Figure(StrEnum):
    """What is drawn."""

    STUDY = "study"
    SCORES = "scores"
    PASSES = "passes"
    EXPIRY = "expiry"


_PLAN_STAFF = (Role.EXAM_ADMIN, Role.AUDITOR, Role.ADMINISTRATOR)
_CASE_REVIEWERS = (Role.REVIEWER, Role.INSTITUTION_OFFICER)

BY_ISSUER: dict[Figure, tuple[Role, ...]] = {
    Figure.STUDY: _PLAN_STAFF,
    Figure.SCORES: _PLAN_STAFF,
    Figure.PASSES: _PLAN_STAFF,
    Figure.EXPIRY: (Role.REGISTRAR, Role.AUDITOR),
}
"""Who sees a figure of everybody in what the organisations of his scope hold and issue: the same roles that
may open the list behind it (the people of a plan, the attempts, the registry)."""
BY_EMPLOYER: dict[Figure, tuple[Role, ...]] = {
    Figure.STUDY: _CASE_REVIEWERS,
    # A score is its owner's and the examiners': in a small institution a column of one is somebody's mark.
    Figure.SCORES: (),
    Figure.PASSES: _CASE_REVIEWERS,
    # The institution answers for the use of expired cards (C8), so it sees when those of its people end.
    Figure.EXPIRY: (Role.INSTITUTION_OFFICER,),
}
"""Who sees a figure of the people employed within his scope, whoever holds the plan."""
FIGURE_ROLES = tuple(
    role for role in Role if any(role in BY_ISSUER[one] or role in BY_EMPLOYER[one] for one in Figure)
)
BEHIND_ROLES = tuple(
    role for role in Role if role in BY_ISSUER[Figure.STUDY] or role in BY_EMPLOYER[Figure.STUDY]
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a figure may count: those of the issuers within some paths, and those employed within others."""

    issuers: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.issuers or self.employers)

    def joined(self, other: "Reach") -> "Reach":
        """Return the reach that covers what either of the two covers."""
        return Reach(
            tuple(sorted({*self.issuers, *other.issuers})), tuple(sorted({*self.employers, *other.employers}))
        )


def reach_of(actor: Actor, *figures: Figure) -> Reach:
    """Return whom the actor's roles let him count in a figure, or in any of several."""
    reach = Reach()
    for figure in figures:
        reach = reach.joined(
            Reach(actor.scope_paths(*BY_ISSUER[figure]), actor.scope_paths(*BY_EMPLOYER[figure]))
        )
    return reach


def figures_of(actor: Actor) -> tuple[Figure, ...]:
    """Return the figures the actor may see of anybody."""
    return tuple(figure for figure in Figure if reach_of(actor, figure))
