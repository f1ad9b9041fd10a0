"""What is shown of a score, and from when on. Keys are never shown before the window is over."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from lms.core.errors import N_


class ReportDetail(StrEnum):
    """How much of a score a plan shows its candidates, each more than the one before."""

    TOTAL = "total"
    AREAS = "areas"
    QUESTIONS = "questions"
    PAPER = "paper"


USUAL = ReportDetail.AREAS
DETAIL_NAMES: Mapping[ReportDetail, str] = {
    ReportDetail.TOTAL: N_("只显示总分"),
    ReportDetail.AREAS: N_("总分，各知识领域和题型的得分"),
    ReportDetail.QUESTIONS: N_("另加每题的得分（考试时间结束后），不显示题目和答案"),
    ReportDetail.PAPER: N_("另加试卷、本人的作答、答案和解析（考试时间结束后）"),
}
_AFTER_THE_WINDOW = (ReportDetail.QUESTIONS, ReportDetail.PAPER)


def shows_areas(detail: ReportDetail) -> bool:
    """Tell whether candidates see their points by area and by type."""
    return detail is not ReportDetail.TOTAL


def shows_questions(detail: ReportDetail, over_at: datetime, now: datetime) -> bool:
    """Tell whether candidates see now what each question earned."""
    return detail in _AFTER_THE_WINDOW and now > over_at


def publishes_paper(detail: ReportDetail) -> bool:
    """Tell whether candidates see their paper with its keys some day."""
    return detail is ReportDetail.PAPER


def shows_keys(detail: ReportDetail, over_at: datetime, now: datetime) -> bool:
    """Tell whether candidates see now their paper with its keys.

    `over_at` is the moment from which nobody sits in the plan any more, whatever time was added for anybody.
    """
    return publishes_paper(detail) and now > over_at
