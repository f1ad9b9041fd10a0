"""The ledger in the lane of hot writes: what a beat reads before it is judged, and what it writes (design.md 4).

The statements run on the driver itself, in the journal: no ORM, few statements, all by primary key. A beat is written
only if the session and the totals still are as they were read, so what was read may be a moment old: it may come from
the reply to the beat before. On SQLite the journal's one writer is the queue. On PostgreSQL `lock` makes beats, answers
and a takeover of one person queue up where that is not enough.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from lms.accounts.policy import ABSOLUTE_LIMIT, IDLE_LIMIT
from lms.core.hot_statements import HotConnection, HotStatement, Step
from lms.courses.policy import whole_seconds
from lms.study.errors import forged_lease, login_ended, session_closed
from lms.study.policy import credit as policy
from lms.study.policy.credit import SessionState

IDLE_MS = int(IDLE_LIMIT.total_seconds() * 1000)
ABSOLUTE_MS = int(ABSOLUTE_LIMIT.total_seconds() * 1000)


@dataclass(slots=True)
class Totals:
    """The totals of one person in one plan, as read."""

    person_id: str
    plan_id: str
    counted: int
    pending: int
    required: int
    reserved: int
    day: int
    day_seconds: int
    window_no: int
    check_after: int
    check_id: str | None
    check_lesson_id: str | None
    check_deadline: int | None
    check_tries: int

    @property
    def key(self) -> dict[str, Any]:
        """The two names every statement needs."""
        return {"person": self.person_id, "plan": self.plan_id}

    def credited_on(self, day: int) -> int:
        """Return how many seconds were credited on a day that has no later one."""
        return self.day_seconds if day == self.day else 0

    def with_credit(self, seconds: int, own_lack: int, day: int) -> "Totals":
        """Return the totals after a credit; `own_lack` is what the beat's lesson lacked of its own minimum."""
        return Totals(
            self.person_id, self.plan_id, self.counted, self.pending + seconds, self.required,
            self.reserved - min(own_lack, seconds), day, self.credited_on(day) + seconds, self.window_no,
            self.check_after, self.check_id, self.check_lesson_id, self.check_deadline, self.check_tries,
        )  # fmt: skip

    @property
    def is_complete(self) -> bool:
        """Whether the requirement is reached in counted seconds (B1, B2): 179:59 is not."""
        return self.counted >= self.required


class LastBeat(NamedTuple):
    """The last beat of a session: it says where the session stands, and what its reply told."""

    seq: int
    arrival: int
    span_to: int
    lesson_id: str
    credit: int
    covered: str
    refusal: str
    counted: int
    pending: int


class Taught(NamedTuple):
    """A lesson as it stands for a person; the last three are None before its first credit."""

    lesson_id: str
    duration_ms: int
    min_seconds: int
    stop_at: int | None
    reached: int | None
    counted: bytes | None
    pending: bytes | None

    @property
    def open_seconds(self) -> int:
        """How many seconds of the lesson may be credited: up to the next in-lesson question, or all."""
        whole = whole_seconds(self.duration_ms)
        return whole if self.stop_at is None else min(whole, self.stop_at)

    def is_beyond_stop(self, to_ms: int) -> bool:
        """Whether a stretch ends a second or more after a question that is not answered yet."""
        return self.stop_at is not None and to_ms >= (self.stop_at + 1) * 1000


class Terms(NamedTuple):
    """A session's own row and its sign-in: what a plan asked for when it was opened. Times in milliseconds."""

    state: str
    close_reason: str | None
    credited_from: int
    interval_seconds: int
    study_until: int
    presence_min: int
    presence_max: int
    presence_answer: int
    may_skip_ahead: bool
    daily_limit: int
    application_id: str
    login_id: str
    login_revoked_at: int | None
    login_seen_at: int
    login_created_at: int

    def is_signed_in(self, now: int) -> bool:
        """Whether the sign-in behind the session is alive, as read."""
        return (
            self.login_revoked_at is None
            and now - self.login_seen_at < IDLE_MS
            and now - self.login_created_at < ABSOLUTE_MS
        )


class Held(NamedTuple):
    """A session as it stands: its totals, its last beat, a lesson, its terms. A new beat makes a new one."""

    totals: Totals
    last: LastBeat | None
    taught: Taught | None
    terms: Terms

    @property
    def seq(self) -> int:
        """The number of the last beat that was taken."""
        return self.last.seq if self.last else 0

    @property
    def credited_until(self) -> int:
        """Server time up to which credit is settled: no moment before it can be credited any more."""
        if self.last is None:
            return self.terms.credited_from
        after = policy.credited_until_after(self.last.span_to, self.last.arrival, self.terms.interval_seconds)
        return max(self.terms.credited_from, after)

    def with_sign_in_renewed(self, now: int) -> "Held":
        """Return it with its sign-in seen now, if that is due: who watches is not signed out (fault H3)."""
        if now - self.terms.login_seen_at <= policy.SEEN_EVERY_MS:
            return self
        return self._replace(terms=self.terms._replace(login_seen_at=now))


class Written(NamedTuple):
    """A beat as it is written down: what came in, and what it earned."""

    from_ms: int
    to_ms: int
    span_from: int
    after: Held
    """How the session stands with this beat as its last one."""


TOTALS = (
    "p.person_id, p.plan_id, p.counted_seconds, p.pending_seconds, p.required_seconds, p.reserved_seconds,"
    " p.day, p.day_seconds, p.window_no, p.check_after_seconds, p.check_id, p.check_lesson_id, p.check_deadline,"
    " p.check_tries"
)
_LAST = (
    "b.seq, b.arrival, b.span_to, b.lesson_id, b.credit_seconds, b.covered, b.refusal, b.counted, b.pending"
)
_TAUGHT = (
    "n.id, n.duration_ms, n.min_seconds, CASE WHEN c.lesson_id IS NULL THEN n.stop_at ELSE c.stop_at END, c.reached,"
    " c.counted, c.pending"
)
_TERMS = (
    "s.state, s.close_reason, s.credited_from, s.interval_seconds, s.study_until, s.presence_min_seconds,"
    " s.presence_max_seconds, s.presence_answer_seconds, s.may_skip_ahead, s.daily_limit_seconds, s.application_id,"
    " l.id, l.revoked_at, l.seen_at, l.created_at"
)
_LAST_AT = len(Totals.__dataclass_fields__)
_TAUGHT_AT = _LAST_AT + len(LastBeat._fields)
_TERMS_AT = _TAUGHT_AT + len(Taught._fields)
_OF_SESSION = (
    "study_session s JOIN study_progress p ON p.person_id = s.person_id AND p.plan_id = s.plan_id"
    " JOIN login_session l ON l.id = s.login_session_id"
)
_HOLD = HotStatement(
    f"SELECT {TOTALS}, {_LAST}, {_TAUGHT}, {_TERMS} FROM {_OF_SESSION}"  # noqa: S608 - constants
    " LEFT JOIN study_beat b ON b.session_id = s.id"
    " AND b.seq = (SELECT MAX(x.seq) FROM study_beat x WHERE x.session_id = :session)"
    " LEFT JOIN lesson n ON n.id = :lesson AND n.course_id = s.course_id"
    " LEFT JOIN lesson_coverage c ON c.person_id = s.person_id AND c.plan_id = s.plan_id AND c.lesson_id = n.id"
    " WHERE s.id = :session"
)
_LOCK = HotStatement(
    "SELECT 1",
    postgresql="SELECT 1 FROM study_session s JOIN study_progress p ON p.person_id = s.person_id"
    " AND p.plan_id = s.plan_id WHERE s.id = :session FOR UPDATE OF s, p",
)
_RENEW_SIGN_IN = "UPDATE login_session SET seen_at = :arrival"
_IS_OLDER = "revoked_at IS NULL AND seen_at < :arrival"
_SEEN_ONE = f"WHERE id = :login AND {_IS_OLDER}"
_SEEN = HotStatement(f"{_RENEW_SIGN_IN} {_SEEN_ONE}", many=f"{_RENEW_SIGN_IN} FROM v {_SEEN_ONE}")

# The columns of a beat, and what each is written with. The session, the person and the plan are taken from the rows
# found: PostgreSQL would give a place that is both compared and written two types.
_COLUMNS = (
    "session_id, seq, lesson_id, window_no, interval_seconds, arrival, from_ms, to_ms, credit_seconds, span_from,"
    " span_to, covered, counted, pending, refusal"
)
_VALUES = (
    ":seq, :lesson, :window, :interval, :arrival, :from_ms, :to_ms, :credit, :span_from, :span_to, :covered,"
    " :counted, :pending, :refusal"
)
_IS_OPEN = "s.id = :session AND s.state = 'open' AND l.revoked_at IS NULL"
_IS_AS_READ = (
    "p.window_no = :window AND p.counted_seconds = :counted AND p.pending_seconds = :had_pending"
    " AND p.reserved_seconds = :had_reserved AND p.day_seconds = :had_day_seconds"
    " AND COALESCE(p.check_id, '') = :check"
)
_INSERT_BEAT = f"INSERT INTO study_beat ({_COLUMNS}) SELECT s.id, {_VALUES} FROM"
_IF_AS_READ = f"{_OF_SESSION} WHERE {_IS_OPEN} AND {_IS_AS_READ} ON CONFLICT DO NOTHING"
_BEAT = HotStatement(f"{_INSERT_BEAT} {_IF_AS_READ}", many=f"{_INSERT_BEAT} v CROSS JOIN {_IF_AS_READ}")
_WINDOW = "INSERT INTO credit_window (person_id, plan_id, window_no, state, seconds, opened_at)"
_COVERAGE = "INSERT INTO lesson_coverage (person_id, plan_id, lesson_id, counted, pending, reached, stop_at)"
_COVERED = ":lesson, :counted_bits, :pending_bits, :reached, :stop_at"
_COVERED_AGAIN = (
    "ON CONFLICT (person_id, plan_id, lesson_id)"
    " DO UPDATE SET pending = excluded.pending, reached = excluded.reached"
)
_NEW_TOTALS = (
    "SET pending_seconds = :pending, reserved_seconds = :reserved, day = :day, day_seconds = :day_seconds,"
    " studied_at = :arrival"
)
_OPEN_ONE = f"{_WINDOW} SELECT :person, :plan, :window, 'pending', 0, :arrival"
_OPEN_WINDOW = HotStatement(_OPEN_ONE, many=f"{_OPEN_ONE} FROM v")
_COVER_ONE = f"{_COVERAGE} SELECT :person, :plan, {_COVERED}"
_COVER = HotStatement(
    f"{_COVER_ONE} WHERE true {_COVERED_AGAIN}", many=f"{_COVER_ONE} FROM v WHERE true {_COVERED_AGAIN}"
)
_OF_PLAN = "WHERE person_id = :person AND plan_id = :plan"
_ADD = HotStatement(
    f"UPDATE study_progress {_NEW_TOTALS} {_OF_PLAN}",
    many=f"UPDATE study_progress {_NEW_TOTALS} FROM v {_OF_PLAN}",
)
# On PostgreSQL all of it is one statement, so one trip and one transaction.
_RENEWED = f" g AS ({_RENEW_SIGN_IN} FROM s WHERE login_session.id = s.login_session_id AND {_IS_OLDER}),"
_BEAT_RENEWING = HotStatement(
    "SELECT 1",
    postgresql=f"WITH s AS (SELECT s.id, s.login_session_id FROM {_OF_SESSION}"  # noqa: S608 - constants
    f" WHERE {_IS_OPEN} AND {_IS_AS_READ}),{_RENEWED.removesuffix(',')}"
    f" INSERT INTO study_beat ({_COLUMNS}) SELECT id, {_VALUES} FROM s ON CONFLICT DO NOTHING",
)


def _credited(renewed: str) -> HotStatement:
    """Build the statement of a beat that earned credit. The session cannot be taken over meanwhile."""
    return HotStatement(
        "SELECT 1",
        postgresql="WITH s AS (SELECT s.id, s.person_id, s.plan_id, s.login_session_id"  # noqa: S608 - constants
        f" FROM study_session s JOIN login_session l ON l.id = s.login_session_id WHERE {_IS_OPEN} FOR SHARE OF s),"
        f" p AS (UPDATE study_progress p {_NEW_TOTALS} FROM s WHERE p.person_id = s.person_id"
        f" AND p.plan_id = s.plan_id AND {_IS_AS_READ} RETURNING s.id, p.person_id, p.plan_id),{renewed}"
        f" w AS ({_WINDOW} SELECT person_id, plan_id, :window, 'pending', 0, :arrival FROM p WHERE :had_pending = 0),"
        f" c AS ({_COVERAGE} SELECT person_id, plan_id, {_COVERED} FROM p {_COVERED_AGAIN})"
        f" INSERT INTO study_beat ({_COLUMNS}) SELECT id, {_VALUES} FROM p",
    )


_CREDITED, _CREDITED_RENEWING = _credited(""), _credited(_RENEWED)


def lock(hot: HotConnection, session_id: str) -> None:
    """Let beats, answers and a takeover of one person queue up behind this transaction (PostgreSQL)."""
    if not hot.is_sqlite:
        hot.rows(_LOCK, {"session": session_id})


def hold(hot: HotConnection, session_id: str, arrival: int, lesson_id: str = "") -> Held:
    """Return an open session whose sign-in is alive, with a lesson of its course if one is named.

    Raises ForgedLease, LoginEnded or SessionClosed.
    """
    rows = hot.rows(_HOLD, {"session": session_id, "lesson": lesson_id})
    if not rows:
        raise forged_lease()
    row = rows[0]
    terms = Terms(*row[_TERMS_AT:])
    held = Held(
        Totals(*row[:_LAST_AT]),
        None if row[_LAST_AT] is None else LastBeat(*row[_LAST_AT:_TAUGHT_AT]),
        None if row[_TAUGHT_AT] is None else Taught(*row[_TAUGHT_AT:_TERMS_AT]),
        terms,
    )
    if not terms.is_signed_in(arrival):
        raise login_ended()
    if terms.state != SessionState.OPEN:
        raise session_closed(terms.close_reason)
    if arrival - terms.login_seen_at > policy.SEEN_EVERY_MS:
        hot.run(_SEEN, {"login": terms.login_id, "arrival": arrival})
    return held.with_sign_in_renewed(arrival)


def steps(session_id: str, before: Held, written: Written, *, is_sqlite: bool) -> list[Step]:
    """Return the statements that write a beat down, with credit also the totals, the window and the coverage.

    A sign-in that was renewed since `before` is written with it.

    The first one changes nothing when the session or the totals are not any more as they were `before`, or when the
    number is taken; then the others are not to be run.
    """
    after = written.after
    had, totals, last, taught = before.totals, after.totals, after.last, after.taught
    if last is None:
        raise ValueError("a written beat is the last one")
    row: dict[str, Any] = {
        "session": session_id, "seq": last.seq, "lesson": last.lesson_id, "window": had.window_no,
        "interval": after.terms.interval_seconds, "arrival": last.arrival, "from_ms": written.from_ms,
        "to_ms": written.to_ms, "credit": last.credit, "span_from": written.span_from, "span_to": last.span_to,
        "covered": last.covered, "counted": had.counted, "pending": totals.pending, "refusal": last.refusal,
        "had_pending": had.pending, "had_reserved": had.reserved, "had_day_seconds": had.day_seconds,
        "check": had.check_id or "", "login": after.terms.login_id,
    }  # fmt: skip
    renews = after.terms.login_seen_at != before.terms.login_seen_at
    renewal = [(_SEEN, row)] if renews else []
    if not last.credit or taught is None:
        return [(_BEAT, row), *renewal] if is_sqlite else [(_BEAT_RENEWING if renews else _BEAT, row)]
    row |= totals.key | {
        "reserved": totals.reserved, "day": totals.day, "day_seconds": totals.day_seconds,
        "counted_bits": taught.counted or b"", "pending_bits": taught.pending, "reached": taught.reached,
        "stop_at": taught.stop_at,
    }  # fmt: skip
    if not is_sqlite:
        return [(_CREDITED_RENEWING if renews else _CREDITED, row)]
    opened = [] if had.pending else [(_OPEN_WINDOW, row)]
    return [(_BEAT, row), *opened, (_ADD, row), (_COVER, row), *renewal]
