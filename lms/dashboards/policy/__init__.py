"""What the pages that gather decide by themselves: the next step of a trainee, who sees which figure, what waits."""

from lms.dashboards.policy.figures import (
    BEHIND_ROLES,
    BY_EMPLOYER,
    BY_ISSUER,
    FIGURE_ROLES,
    SCORE_BIN,
    SCORE_BINS,
    STUDY_PARTS,
    Figure,
    Reach,
    figures_of,
    reach_of,
)
from lms.dashboards.policy.journey import Journey, Step, next_step, step_pill, urgency
from lms.dashboards.policy.waiting import WAITING_NAMES, Waiting, WorkItem

__all__ = [
    "BEHIND_ROLES",
    "BY_EMPLOYER",
    "BY_ISSUER",
    "FIGURE_ROLES",
    "SCORE_BIN",
    "SCORE_BINS",
    "STUDY_PARTS",
    "WAITING_NAMES",
    "Figure",
    "Journey",
    "Reach",
    "Step",
    "Waiting",
    "WorkItem",
    "figures_of",
    "next_step",
    "reach_of",
    "step_pill",
    "urgency",
]
