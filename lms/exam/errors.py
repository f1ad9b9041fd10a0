"""What an attempt refuses."""

from lms.core.errors import N_, Conflict, Invalid, Reason, Refusal
from question_bank.phrases import Phrase


class ExamNotOpen(Refusal):
    """The person may not start an attempt now; the reasons say why."""

    code = "exam_not_open"
    title = N_("现在不能开始考试")


class AttemptClosed(Conflict):
    """The attempt has been handed in, timed out or voided: nothing can be changed (fault B4)."""

    code = "attempt_closed"
    title = N_("这次考试已经结束")


class TimeUp(Conflict):
    """What arrived came after the deadline (fault B3)."""

    code = "time_up"
    title = N_("考试时间已到")


class TakenOver(Conflict):
    """Another device continues this attempt (fault B9)."""

    code = "taken_over"
    title = N_("您已在另一台设备上继续作答")


class LeaseDead(Refusal):
    """The proof that came with a hot request is forged, or its login session has ended."""

    code = "lease_dead"
    status = 401
    title = N_("登录已经失效")


class OlderRevision(Conflict):
    """A newer answer of the same question is stored; it stays (fault C4). `revision` is that answer's."""

    code = "older_revision"
    title = N_("已保存了更新的答案")

    def __init__(self, revision: int) -> None:
        super().__init__(
            Reason(
                "older_revision", N_("后选的答案为准"), now=N_("服务器上已有更新的答案"),
                way_out=N_("如需修改，请再选一次"), source="C4", params={"revision": revision},
            )
        )  # fmt: skip
        self.revision = revision


class PaperMissing(Refusal):
    """The bank cannot fill the plan's blueprint; nobody loses an attempt over it."""

    code = "paper_missing"
    title = N_("试卷还没有准备好")


def attempt_closed() -> AttemptClosed:
    """Build the refusal for a change after the close."""
    return AttemptClosed(
        Reason(
            "attempt_closed", N_("交卷以后不能再修改答案"), now=N_("这次考试已经结束，本次修改没有保存"),
            way_out=N_("请查看成绩"), source="B4",
        )
    )  # fmt: skip


def time_up() -> TimeUp:
    """Build the refusal for what came after the deadline."""
    return TimeUp(
        Reason(
            "time_up", N_("到时间后系统自动交卷，已保存的答案都算"), now=N_("这次请求在规定时间之后到达"),
            way_out=N_("请查看成绩"), source="B3",
        )
    )  # fmt: skip


def taken_over() -> TakenOver:
    """Build the refusal for a device that was left behind."""
    return TakenOver(
        Reason(
            "taken_over", N_("同一次考试只能在一台设备上作答"), now=N_("另一台设备已接着作答，这台设备不再保存"),
            way_out=N_("请回到那台设备，或在这台设备上重新接着作答"), source="B9",
        )
    )  # fmt: skip


def lease_dead() -> LeaseDead:
    """Build the refusal for a proof that no longer holds."""
    return LeaseDead(
        Reason(
            "lease_dead", N_("作答需要有效的登录"), now=N_("这次登录已经退出或失效"),
            way_out=N_("请重新登录，登录后可以接着作答，已保存的答案都在"), source="H2",
        )
    )  # fmt: skip


def wrong_answer(words: Phrase, field_name: str = "choice") -> Invalid:
    """Build the refusal for an answer that does not fit its question."""
    return Invalid(
        Reason(
            "answer_invalid", "%(words)s", way_out=N_("请刷新页面后再选"), field_name=field_name,
            params={"words": words},
        )
    )  # fmt: skip
