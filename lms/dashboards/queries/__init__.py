"""Reading across the rooms: the trainee's home, the desk of staff, and the figures."""

from lms.dashboards.queries.desk import DeskFacts, desk
from lms.dashboards.queries.expiry import EndingLine, MonthLine, month_lines, next_endings
from lms.dashboards.queries.figures import Choice, FiguresFacts, choose, figures
from lms.dashboards.queries.home import HomeFacts, OtherApplication, home
from lms.dashboards.queries.reach import Place, PlanChoice, places, plan_choices
from lms.dashboards.queries.results import PassLine, ScoreSpread, pass_lines, score_spread
from lms.dashboards.queries.roster import Roster, RosterLine, Standing, roster
from lms.dashboards.queries.study import BehindLine, StudyShares, behind_lines, study_shares
from lms.dashboards.queries.subjects import subjects
from lms.dashboards.queries.today import ClassSize, ExamToday, ImportLine, class_sizes, exams_today
from lms.dashboards.queries.waiting import waiting
from lms.dashboards.queries.watch import TodayLine, WatchLine, watched_today

__all__ = [
    "BehindLine",
    "Choice",
    "ClassSize",
    "DeskFacts",
    "EndingLine",
    "ExamToday",
    "FiguresFacts",
    "HomeFacts",
    "ImportLine",
    "MonthLine",
    "OtherApplication",
    "PassLine",
    "Place",
    "PlanChoice",
    "Roster",
    "RosterLine",
    "ScoreSpread",
    "Standing",
    "StudyShares",
    "TodayLine",
    "WatchLine",
    "behind_lines",
    "choose",
    "class_sizes",
    "desk",
    "exams_today",
    "figures",
    "home",
    "month_lines",
    "next_endings",
    "pass_lines",
    "places",
    "plan_choices",
    "roster",
    "score_spread",
    "study_shares",
    "subjects",
    "waiting",
    "watched_today",
]
