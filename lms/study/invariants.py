"""What must always hold of study (reliability.md, part 3)."""

from lms.core.invariants import Invariant, by_sql
from lms.core.unit_of_work import UnitOfWork
from lms.study import queries

_OWNED = "study_beat b JOIN study_session s ON s.id = b.session_id"
_SAME = "w.person_id = s.person_id AND w.plan_id = s.plan_id AND w.window_no = b.window_no"
# What was granted after an appeal counts as what a counted window holds.
_CREDIT = (
    f"SELECT s.person_id, s.plan_id, b.lesson_id, b.credit_seconds AS seconds, w.state FROM {_OWNED}"
    f" JOIN credit_window w ON {_SAME} WHERE b.credit_seconds > 0"
    " UNION ALL SELECT person_id, plan_id, lesson_id, seconds, 'counted' FROM study_grant"
)
# The grant of a void beat takes the place of the beat's own stretch; any other lies behind it.
_STRETCHES = (
    f"SELECT s.person_id, b.session_id, b.seq, b.span_from, b.span_to FROM {_OWNED}"
    " LEFT JOIN study_grant g ON g.session_id = b.session_id AND g.seq = b.seq AND g.span_from = b.span_from"
    " WHERE b.credit_seconds > 0 AND g.seq IS NULL"
    " UNION ALL SELECT person_id, session_id, seq, span_from, span_to FROM study_grant"
)


def coverage_differs(uow: UnitOfWork) -> list[tuple[str, str, int, int, int, int]]:
    """Return totals whose bitmaps hold another number of seconds (person, plan, figures and bits)."""
    return queries.coverage_differences(uow)


def shares_differ(uow: UnitOfWork) -> list[tuple[str, str, int, int]]:
    """Return totals that keep another share than the lessons with a minimum lack (person, plan, kept, computed)."""
    return queries.reserved_differences(uow)


INVARIANTS: tuple[Invariant, ...] = (
    by_sql(
        "S1",
        "no moment of a person is credited twice",
        "SELECT person_id, session_id, seq FROM (SELECT person_id, session_id, seq, span_from,"
        " MAX(span_to) OVER (PARTITION BY person_id ORDER BY span_from, span_to"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
        f" FROM ({_STRETCHES}) t) q WHERE before > span_from",
    ),
    by_sql(
        "S2",
        "no credit exceeds its stretch of server time or one and a half intervals",
        "SELECT session_id, seq FROM study_beat WHERE credit_seconds < 0"
        " OR credit_seconds * 1000 > span_to - span_from OR credit_seconds * 2 > interval_seconds * 3"
        " OR (credit_seconds > 0 AND span_to > arrival)"
        " UNION ALL SELECT g.session_id, g.seq FROM study_grant g JOIN study_beat b ON b.session_id = g.session_id"
        " AND b.seq = g.seq WHERE g.seconds * 1000 > g.span_to - g.span_from OR g.seconds * 2 > b.interval_seconds * 3"
        " OR g.span_to > b.arrival OR g.span_from < b.span_from",
    ),
    by_sql(
        "S3",
        "nobody is credited more of a lesson than it has",
        f"SELECT q.person_id, q.lesson_id FROM ({_CREDIT}) q JOIN lesson n ON n.id = q.lesson_id"
        " WHERE q.state = 'counted' GROUP BY q.person_id, q.plan_id, q.lesson_id, n.duration_ms"
        " HAVING SUM(q.seconds) * 1000 > n.duration_ms",
    ),
    by_sql(
        "S4",
        "a person has one open study session",
        "SELECT person_id FROM study_session WHERE closed_at IS NULL OR state = 'open'"
        " GROUP BY person_id HAVING COUNT(*) > 1",
    ),
    by_sql(
        "S5",
        "a beat was taken once, and none was left out",
        "SELECT session_id FROM study_beat GROUP BY session_id HAVING COUNT(*) <> MAX(seq) OR MIN(seq) <> 1",
    ),
    by_sql(
        "S6",
        "totals are the sums of their beats and grants",
        "SELECT p.person_id, p.plan_id FROM study_progress p LEFT JOIN"
        f" ({_CREDIT}) q ON q.person_id = p.person_id AND q.plan_id = p.plan_id"
        " GROUP BY p.person_id, p.plan_id, p.counted_seconds, p.pending_seconds"
        " HAVING p.counted_seconds <> COALESCE(SUM(CASE WHEN q.state = 'counted' THEN q.seconds END), 0)"
        " OR p.pending_seconds <> COALESCE(SUM(CASE WHEN q.state = 'pending' THEN q.seconds END), 0)",
    ),
    Invariant("S7", "the coverage holds as many seconds as the totals say", coverage_differs),
    by_sql(
        "S8",
        "a decided window holds the seconds of its beats",
        "SELECT w.person_id, w.plan_id, w.window_no FROM credit_window w"
        " LEFT JOIN study_session s ON s.person_id = w.person_id AND s.plan_id = w.plan_id"
        " LEFT JOIN study_beat b ON b.session_id = s.id AND b.window_no = w.window_no"
        " WHERE w.state <> 'pending' GROUP BY w.person_id, w.plan_id, w.window_no, w.seconds"
        " HAVING w.seconds <> COALESCE(SUM(b.credit_seconds), 0)",
    ),
    by_sql(
        "S9",
        "who has studied enough gets on within two minutes",
        "SELECT a.id FROM study_progress p JOIN application a ON a.person_id = p.person_id AND a.plan_id = p.plan_id"
        " JOIN application_stage g ON g.application_id = a.id WHERE a.state = 'approved' AND g.kind = 'study'"
        " AND g.state = 'open' AND g.opened_at < :now - 120000 AND p.completed_at < :now - 120000",
    ),
    by_sql(
        "S15",
        "a lesson stops for each person at the first of its questions that he has not answered rightly",
        "SELECT c.person_id, c.plan_id, c.lesson_id FROM lesson_coverage c LEFT JOIN (SELECT h.person_id, h.plan_id,"
        " h.lesson_id, MIN(q.stop_at) AS first_at FROM lesson_coverage h JOIN lesson_question q"
        " ON q.lesson_id = h.lesson_id WHERE NOT EXISTS (SELECT 1 FROM question_try t WHERE t.is_right"
        " AND t.person_id = h.person_id AND t.plan_id = h.plan_id AND t.question_id = q.id)"
        " GROUP BY h.person_id, h.plan_id, h.lesson_id) o ON o.person_id = c.person_id AND o.plan_id = c.plan_id"
        " AND o.lesson_id = c.lesson_id WHERE COALESCE(c.stop_at, -1) <> COALESCE(o.first_at, -1)",
    ),
    by_sql(
        "S16",
        "a beat that finds nothing left to credit raises the check of what is pending",
        f"SELECT p.person_id, p.plan_id, b.session_id, b.seq FROM study_progress p JOIN ({_OWNED})"
        " ON s.person_id = p.person_id AND s.plan_id = p.plan_id AND b.window_no = p.window_no"
        " WHERE p.check_id IS NULL AND p.pending_seconds > 0"
        " AND p.counted_seconds + p.pending_seconds >= p.required_seconds"
        " AND b.refusal = 'complete' AND b.counted + b.pending >= p.required_seconds",
    ),
    Invariant("S10", "what is kept for lessons with a minimum is what they lack", shares_differ),
    by_sql(
        "SG1",
        "what was granted belongs to a beat of the person that was void or refused, and to a granted appeal",
        "SELECT g.session_id, g.seq FROM study_grant g JOIN study_beat b ON b.session_id = g.session_id"
        " AND b.seq = g.seq JOIN study_session s ON s.id = b.session_id JOIN study_appeal a ON a.id = g.appeal_id"
        f" LEFT JOIN credit_window w ON {_SAME}"
        " WHERE s.person_id <> g.person_id OR s.plan_id <> g.plan_id OR b.lesson_id <> g.lesson_id"
        " OR a.person_id <> g.person_id OR a.plan_id <> g.plan_id OR a.state <> 'granted'"
        " OR (b.refusal = '' AND COALESCE(w.state, '') <> 'void')",
    ),
    by_sql(
        "SG2",
        "an appeal was granted what its grants hold",
        "SELECT a.id FROM study_appeal a LEFT JOIN study_grant g ON g.appeal_id = a.id"
        " GROUP BY a.id, a.granted_seconds HAVING a.granted_seconds <> COALESCE(SUM(g.seconds), 0)",
    ),
    by_sql(
        "SG3",
        "beats wait for a decision while their appeal does, and no longer",
        "SELECT a.id FROM study_appeal a JOIN study_appeal_beat i ON i.appeal_id = a.id"
        " WHERE (a.state = 'open') <> (i.is_open = :yes)",
        yes=True,
    ),
)
