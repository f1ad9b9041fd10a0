"""What can wait for a member of staff."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.core.errors import N_


class Waiting(StrEnum):
    """A kind of work that somebody has to decide."""

    REVIEWS = "reviews"
    APPEALS = "appeals"
    SCORE_REVIEWS = "score_reviews"
    CORRECTIONS = "corrections"
    DRAFTS = "drafts"
    OVER = "over"
    IMPORTS = "imports"
    CHANGES = "changes"
    SUSPENDED = "suspended"
    DECISIONS = "decisions"
    MERGES = "merges"
    NUMBERING = "numbering"
    PRINTING = "printing"
    JOBS = "jobs"


WAITING_NAMES: dict[Waiting, tuple[str, str]] = {
    Waiting.REVIEWS: (N_("报名等您审核"), N_("通过、退回补正或不通过")),
    Waiting.APPEALS: (N_("学时申诉等待处理"), N_("同意补记，或写明不同意的理由")),
    Waiting.SCORE_REVIEWS: (N_("成绩复核等待答复"), N_("一人写答复，另一人确认")),
    Waiting.CORRECTIONS: (N_("成绩更正等待复核"), N_("核对试算的结果，生效或不采用")),
    Waiting.DRAFTS: (N_("培训计划还是草稿"), N_("补全后发布，或取消")),
    Waiting.OVER: (N_("考试已截止的计划"), N_("核对成绩后结束计划")),
    Waiting.IMPORTS: (N_("题目文件已检查"), N_("导入题库，或放弃")),
    Waiting.CHANGES: (N_("登记的变更申请等待处理"), N_("核对依据，同意变更，或写明不同意的理由")),
    Waiting.SUSPENDED: (N_("暂停中的登记"), N_("查清后恢复，或撤销")),
    Waiting.DECISIONS: (N_("证书的撤销或恢复等待第二人"), N_("同意照办，或不采用")),
    Waiting.MERGES: (N_("登记的合并等待第二人"), N_("核对是不是同一人，同意或不采用")),
    Waiting.NUMBERING: (N_("已合格还没有证书编号"), N_("看原因，改好后再试一次")),
    Waiting.PRINTING: (N_("证书还没有制好"), N_("一般 2 分钟内完成，久等请看原因")),
    Waiting.JOBS: (N_("后台任务没有办成"), N_("按下面的原因处理")),
}
"""What waits, and what there is to decide."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One kind of work that waits: how much of it, and since when the oldest."""

    kind: Waiting
    count: int
    oldest: datetime
