"""How the evidence of a sitting reads: one sentence for each kind of line, and how it looks in the timeline."""

from collections.abc import Mapping

from flask_babel import gettext

from lms.core.errors import N_
from lms.core.formats import duration_words
from lms.exam.policy.conditions import MessageKind
from lms.exam.queries.evidence import Evidence, EvidenceKind
from lms.exam.queries.watching import Told

TITLES: Mapping[EvidenceKind, str] = {
    EvidenceKind.CREATE: N_("开始考试"),
    EvidenceKind.SUBMIT: N_("交卷"),
    EvidenceKind.TIME_OUT: N_("到时收卷"),
    EvidenceKind.GRADE: N_("评分"),
    EvidenceKind.VOID: N_("作废"),
    EvidenceKind.END: N_("考试被结束"),
    EvidenceKind.TAKE_OVER: N_("换到另一台设备接着作答"),
    EvidenceKind.HAND_OVER: N_("转出原设备，等待在新设备上继续"),
    EvidenceKind.DECIDE_KEEP: N_("第二人决定：不作废，按已保存的答案评分"),
    EvidenceKind.DECIDE_VOID: N_("第二人决定：作废"),
    EvidenceKind.EXTRA: N_("考前批准的延长：%(time)s"),
    EvidenceKind.TIME: N_("补时 %(time)s"),
    EvidenceKind.PAUSE: N_("暂停，最长 %(time)s"),
    EvidenceKind.RESUME: N_("提前继续，收回没有用完的 %(time)s"),
    EvidenceKind.LATE: N_("开始以前已顺延，结束时间晚 %(time)s"),
    EvidenceKind.PAUSED_SAVES: N_("这次暂停期间收到 %(count)s 次答案（断网补存也会这样）"),
    EvidenceKind.MESSAGE: N_("收到消息"),
    EvidenceKind.READ: N_("考生确认已看到"),
    EvidenceKind.LEFT: N_("离开考试页，还没有回来"),
    EvidenceKind.AWAY: N_("离开考试页 %(time)s"),
    EvidenceKind.GAP: N_("考试页 %(time)s没有联系"),
    EvidenceKind.REMARK: N_("监考记录"),
    EvidenceKind.CLEARED: N_("看过，到此为止的提示不需要处理"),
    EvidenceKind.SEATED: N_("安排在 %(count)s 号座位"),
    EvidenceKind.UNSEATED: N_("取消了 %(count)s 号座位"),
}
EVIDENCE_LOOKS: Mapping[EvidenceKind, str] = {
    EvidenceKind.VOID: "ended", EvidenceKind.END: "ended", EvidenceKind.DECIDE_VOID: "ended",
    EvidenceKind.AWAY: "now", EvidenceKind.LEFT: "now", EvidenceKind.GAP: "now", EvidenceKind.PAUSED_SAVES: "now",
    EvidenceKind.TAKE_OVER: "now",
}  # fmt: skip
"""What a look at the timeline should find first; everything else is plain."""


def evidence_title(line: Evidence) -> str:
    """Say a line of the evidence in the reader's language."""
    return str(gettext(TITLES[line.kind], time=duration_words(line.count), count=line.count))


def said_of(told: Told) -> str:
    """Say a message in the reader's language; the words of staff stay as they were written."""
    if told.kind is MessageKind.TIME:
        text = N_("监考人员给您补时 %(time)s。原因：%(why)s")
    elif told.kind is MessageKind.PAUSE:
        text = N_("监考人员暂停了考试，暂停期间您的时间不走。原因：%(why)s")
    elif told.kind is MessageKind.RESUME:
        text = N_("考试继续，时间从现在接着走。")
    else:
        text = N_("监考人员：%(why)s")
    return str(gettext(text, time=duration_words(told.seconds), why=told.words))
