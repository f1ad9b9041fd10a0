"""The last beat of a session is its state: beats lie by session, and a beat changes no other row unless it earns."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1510"
down_revision = "20261121_1500"
branch_labels = None
depends_on = None

_KEPT = (
    "session_id, seq, lesson_id, window_no, interval_seconds, arrival, from_ms, to_ms, credit_seconds, span_from,"
    " span_to, refusal"
)


def beats(name: str, *more: sa.Column, **options: object) -> None:
    op.create_table(
        name,
        sa.Column("session_id", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *more,
        sa.Column("lesson_id", sa.String(length=16), nullable=False),
        sa.Column("window_no", sa.Integer(), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=False),
        sa.Column("to_ms", sa.Integer(), nullable=False),
        sa.Column("credit_seconds", sa.Integer(), nullable=False),
        sa.Column("span_from", sa.BigInteger(), nullable=False),
        sa.Column("span_to", sa.BigInteger(), nullable=False),
        sa.Column("refusal", sa.String(length=10), nullable=False),
        sa.CheckConstraint("credit_seconds >= 0", name=op.f("ck_study_beat_no_negative_credit")),
        sa.CheckConstraint(
            "span_to - span_from = credit_seconds * 1000", name=op.f("ck_study_beat_span_is_credit")
        ),
        sa.CheckConstraint("to_ms >= from_ms AND from_ms >= 0", name=op.f("ck_study_beat_forward")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_study_beat_session_id_study_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_study_beat")),
        **options,
    )


def refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER study_beat_no_{verb.lower()} BEFORE {verb} ON study_beat "
                "BEGIN SELECT RAISE(ABORT, 'study_beat is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER study_beat_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON study_beat "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    op.drop_index("ix_study_beat_person", table_name="study_beat")
    op.rename_table("study_beat", "old_study_beat")
    if op.get_bind().dialect.name == "postgresql":
        # Constraints keep their names when a table is renamed, and the new one wants them.
        op.execute("ALTER TABLE old_study_beat DROP CONSTRAINT pk_study_beat")
    with op.batch_alter_table("study_session") as session:
        session.alter_column("credited_until", new_column_name="credited_from")
        session.drop_column("seq")
        session.drop_column("last_arrival")
        session.drop_column("last_reply")
    beats(
        "study_beat",
        sa.Column("covered", sa.Text(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    # What the old replies told is not kept in old beats; a repeated one is told without it.
    op.execute(
        f"INSERT INTO study_beat ({_KEPT}, covered, counted, pending) SELECT {_KEPT}, '[]', 0, 0 FROM old_study_beat"  # noqa: S608 - constants
    )
    op.drop_table("old_study_beat")
    refuse_changes()
    with op.batch_alter_table("study_progress") as progress:
        progress.add_column(sa.Column("studied_at", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE study_progress SET studied_at = (SELECT MAX(b.arrival) FROM study_beat b JOIN study_session s"
        " ON s.id = b.session_id WHERE s.person_id = study_progress.person_id AND s.plan_id = study_progress.plan_id"
        " AND b.credit_seconds > 0)"
    )


def downgrade() -> None:
    with op.batch_alter_table("study_progress") as progress:
        progress.drop_column("studied_at")
    op.rename_table("study_beat", "new_study_beat")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE new_study_beat DROP CONSTRAINT pk_study_beat")
    beats(
        "study_beat",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
    )
    op.execute(
        f"INSERT INTO study_beat ({_KEPT}, person_id, plan_id) SELECT {_KEPT},"  # noqa: S608 - constants
        " (SELECT person_id FROM study_session s WHERE s.id = session_id),"
        " (SELECT plan_id FROM study_session s WHERE s.id = session_id) FROM new_study_beat"
    )
    op.drop_table("new_study_beat")
    refuse_changes()
    op.create_index("ix_study_beat_person", "study_beat", ["person_id", "plan_id", "arrival"])
    with op.batch_alter_table("study_session") as session:
        session.alter_column("credited_from", new_column_name="credited_until")
        session.add_column(sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
        session.add_column(sa.Column("last_arrival", sa.BigInteger(), nullable=False, server_default="0"))
        session.add_column(sa.Column("last_reply", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE study_session SET seq = COALESCE((SELECT MAX(b.seq) FROM study_beat b WHERE b.session_id = id), 0),"
        " last_arrival = COALESCE((SELECT MAX(b.arrival) FROM study_beat b WHERE b.session_id = id), opened_at),"
        " credited_until = COALESCE((SELECT MAX(b.arrival) FROM study_beat b WHERE b.session_id = id), credited_until)"
    )
