"""The refusals of the study room."""

from lms.core.errors import N_, Conflict, Invalid, Reason, Refusal


class LoginEnded(Refusal):
    """The sign-in behind a study session was revoked or has expired (faults A10, H2)."""

    code = "study.login_ended"
    status = 401
    title = N_("请重新登录")


class ForgedLease(Refusal):
    """The lease names no session of ours."""

    code = "study.forged_lease"
    status = 401
    title = N_("学习凭证无效")


class SessionClosed(Conflict):
    """The session was closed: taken over, idle, signed out or done. `study.closed.<reason>` says which."""

    code = "study.session_closed"
    title = N_("这里已停止计时")


class WrongBeat(Conflict):
    """A beat that is not the next one, or was not made for this session (fault A3)."""

    code = "study.wrong_beat"
    title = N_("这次学习记录没有采用")


class BadBeat(Invalid):
    """A beat that cannot be read."""

    code = "study.bad_beat"
    title = N_("学习记录的内容不完整")


class CheckGone(Conflict):
    """The presence check is not open any more."""

    code = "study.check_gone"
    title = N_("这次在学确认已经结束")


def login_ended() -> LoginEnded:
    """Build the refusal for a session whose sign-in is over."""
    return LoginEnded(
        Reason(
            "study.login_ended", N_("登录有效时才能计时"), N_("您的登录已经结束"),
            N_("请重新登录，已计入的时间不受影响"), source="B1",
        )
    )  # fmt: skip


def forged_lease() -> ForgedLease:
    """Build the refusal for a lease that does not verify."""
    return ForgedLease(
        Reason("study.forged_lease", N_("只有从学习页面打开的播放才能计时"), way_out=N_("请刷新学习页面"))
    )


_CLOSED = {
    "superseded": (
        N_("同一时间只在一个页面上计时，以后打开的为准"), N_("已在另一个页面或设备上学习，这里已停止计时"),
        N_("可以转回这个页面，已计入和待确认的时间都不会丢"),
    ),
    "idle": (N_("长时间没有播放会停止计时"), N_("这里已停止计时"), N_("请重新开始播放")),
    "logout": (N_("退出登录后停止计时"), N_("您已退出登录"), N_("请重新登录后继续学习")),
    "done": (N_("学满规定的学习时长后不再计时"), N_("您已学满"), N_("可以继续回看课程")),
}  # fmt: skip


def session_closed(reason: str | None) -> SessionClosed:
    """Build the refusal for a session that is over."""
    rule, now, way_out = _CLOSED.get(reason or "", _CLOSED["idle"])
    return SessionClosed(Reason(f"study.closed.{reason or 'idle'}", rule, now, way_out, source="B1"))


def taken_over(device: str, since: str, *, same_login: bool) -> SessionClosed:
    """Build the refusal for a session that a newer one has taken over, naming that one.

    A login lives in one browser: the same login means another page of it.
    """
    rule, _, way_out = _CLOSED["superseded"]
    now = (
        N_("%(since)s 起在这个浏览器的另一个页面上学习，这里已停止计时")
        if same_login
        else N_("%(since)s 起在“%(device)s”上学习，这里已停止计时")
    )
    params = {"since": since} if same_login else {"since": since, "device": device}
    return SessionClosed(Reason("study.closed.superseded", rule, now, way_out, source="B1", params=params))


def wrong_beat(code: str) -> WrongBeat:
    """Build the refusal for a beat out of turn (`study.old`, `study.ahead`) or forged (`study.nonce`)."""
    return WrongBeat(
        Reason(
            code,
            N_("每条学习记录只采用一次，按顺序采用"),
            N_("这条记录没有采用"),
            N_("请刷新学习页面"),
            source="B1",
        )
    )


def bad_beat(field: str) -> BadBeat:
    """Build the refusal for a beat with a missing or impossible field."""
    return BadBeat(
        Reason(
            "study.bad_field", N_("学习记录的 %(field)s 应为规定的类型和范围"), way_out=N_("请刷新学习页面"),
            params={"field": field}, field_name=field,
        )
    )  # fmt: skip


def check_gone() -> CheckGone:
    """Build the refusal for an answer to a check that is not open."""
    return CheckGone(
        Reason(
            "study.check_gone", N_("在学确认只能回答一次，并且要在限定时间内"), N_("这次确认已经结束"),
            N_("已计入的时间不受影响，请继续播放"), source="B1",
        )
    )  # fmt: skip


class QuestionMoved(Conflict):
    """An in-lesson question is asked otherwise than the page that answers it knows."""

    code = "study.question_moved"
    title = N_("随堂问题已经变化")


def question_moved(code: str) -> QuestionMoved:
    """Build the refusal for an answer out of turn: `study.question_ahead` or `study.question_try`."""
    return QuestionMoved(
        Reason(
            code, N_("随堂问题按先后一道一道回答"), N_("这个回答没有采用"), N_("请刷新学习页面，从上次的地方继续"),
            source="B1",
        )
    )  # fmt: skip


class StudyComplete(Conflict):
    """There is nothing left to count."""

    code = "study.complete"
    title = N_("已经学满")


def study_complete() -> StudyComplete:
    """Build the refusal of a session that could not count anything."""
    return StudyComplete(
        Reason(
            "study.complete", N_("学满规定的学习时长后不再计时"), N_("您已学满"),
            N_("可以继续回看课程；什么时候可以考试，见考试页"), source="B2",
        )
    )  # fmt: skip
