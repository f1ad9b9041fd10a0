"""Fair conditions and invigilation: extra time, pauses, messages, what was noticed, and exams ended for cause."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1020"
down_revision = "20261122_1000"
branch_labels = None
depends_on = None

APPEND_ONLY = ("attempt_time", "exam_sighting", "exam_remark")
TABLES = (
    "exam_extra_time", "exam_measure", "attempt_time", "exam_message", "exam_message_receipt", "exam_presence",
    "exam_sighting", "exam_remark", "attempt_ending",
)  # fmt: skip


def text_column(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def whole(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    op.add_column("attempt", sa.Column("extension_seconds", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("attempt", text_column("pause_id", 16, nullable=True))
    op.add_column("attempt", moment("paused_from", nullable=True))
    op.add_column("attempt", moment("paused_until", nullable=True))
    op.create_table(
        "exam_extra_time",
        text_column("id", 16),
        text_column("plan_id", 16),
        text_column("person_id", 16),
        whole("percent"),
        whole("seconds"),
        sa.Column("extends_window", sa.Boolean(), nullable=False),
        text_column("reason", 300),
        text_column("granted_by", 16),
        moment("granted_at"),
        text_column("withdrawn_by", 16, nullable=True),
        moment("withdrawn_at", nullable=True),
        sa.CheckConstraint(
            "percent >= 0 AND seconds >= 0 AND percent + seconds > 0",
            name=op.f("ck_exam_extra_time_some_time"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_exam_extra_time_withdrawn_has_person"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_extra_time_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_exam_extra_time_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_extra_time")),
    )
    op.create_index(
        "uq_exam_extra_time_standing",
        "exam_extra_time",
        ["plan_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "exam_measure",
        text_column("id", 16),
        text_column("plan_id", 16),
        text_column("kind", 8),
        text_column("organisation_id", 16, nullable=True),
        text_column("attempt_id", 16, nullable=True),
        whole("seconds"),
        sa.Column("extends_window", sa.Boolean(), nullable=False),
        text_column("reason", 300),
        whole("reached"),
        text_column("taken_by", 16),
        moment("taken_at"),
        moment("until", nullable=True),
        text_column("ended_by", 16, nullable=True),
        sa.CheckConstraint(
            "(kind = 'pause') = (until IS NOT NULL)", name=op.f("ck_exam_measure_pause_has_end")
        ),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_exam_measure_some_time")),
        sa.CheckConstraint(
            "organisation_id IS NULL OR attempt_id IS NULL", name=op.f("ck_exam_measure_one_target")
        ),
        sa.CheckConstraint("kind IN ('time', 'pause')", name=op.f("ck_exam_measure_kind")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_exam_measure_attempt_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_exam_measure_plan_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_exam_measure_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_measure")),
    )
    op.create_index("ix_exam_measure_plan", "exam_measure", ["plan_id", "taken_at"])
    op.create_table(
        "attempt_time",
        text_column("attempt_id", 16),
        text_column("source_id", 16),
        text_column("kind", 8),
        whole("seconds"),
        whole("extension_seconds"),
        moment("deadline_at"),
        moment("at"),
        text_column("actor_id", 16, nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_time_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "source_id", "kind", name=op.f("pk_attempt_time")),
    )
    op.create_table(
        "exam_message",
        text_column("id", 16),
        text_column("plan_id", 16),
        text_column("organisation_id", 16, nullable=True),
        text_column("attempt_id", 16, nullable=True),
        text_column("kind", 8),
        whole("seconds"),
        text_column("words", 300),
        whole("reached"),
        text_column("sent_by", 16),
        moment("sent_at"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_exam_message_plan_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_exam_message_attempt_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_exam_message_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_message")),
    )
    op.create_index("ix_exam_message_plan", "exam_message", ["plan_id", "sent_at"])
    op.create_table(
        "exam_message_receipt",
        text_column("attempt_id", 16),
        text_column("message_id", 16),
        moment("acknowledged_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["exam_message.id"], name=op.f("fk_exam_message_receipt_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_exam_message_receipt_attempt_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "message_id", name=op.f("pk_exam_message_receipt")),
    )
    op.create_index("ix_exam_message_receipt_message", "exam_message_receipt", ["message_id"])
    op.create_index(
        "ix_exam_message_receipt_unread",
        "exam_message_receipt",
        ["attempt_id"],
        sqlite_where=sa.text("acknowledged_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_table(
        "exam_presence",
        text_column("attempt_id", 16),
        moment("seen_at"),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_exam_presence_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_exam_presence")),
    )
    op.create_table(
        "exam_sighting",
        text_column("attempt_id", 16),
        text_column("kind", 12),
        whole("serial"),
        moment("at"),
        whole("seconds"),
        sa.CheckConstraint("seconds >= 0 AND serial >= 0", name=op.f("ck_exam_sighting_not_negative")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_exam_sighting_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "kind", "serial", name=op.f("pk_exam_sighting")),
    )
    op.create_table(
        "exam_remark",
        text_column("id", 16),
        text_column("attempt_id", 16),
        text_column("words", 300),
        sa.Column("is_cleared", sa.Boolean(), nullable=False),
        text_column("written_by", 16),
        moment("at"),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_exam_remark_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_remark")),
    )
    op.create_index("ix_exam_remark_attempt", "exam_remark", ["attempt_id", "at"])
    op.create_table(
        "attempt_ending",
        text_column("attempt_id", 16),
        text_column("cause", 12),
        text_column("reason", 300),
        sa.Column("wants_void", sa.Boolean(), nullable=False),
        text_column("ended_by", 16),
        moment("ended_at"),
        text_column("verdict", 4, nullable=True),
        text_column("decided_by", 16, nullable=True),
        moment("decided_at", nullable=True),
        text_column("decision", 300),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> ended_by", name=op.f("ck_attempt_ending_second_person")
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (decided_by IS NULL)", name=op.f("ck_attempt_ending_verdict_has_person")
        ),
        sa.CheckConstraint(
            "cause IN ('misconduct', 'illness', 'equipment', 'other')", name=op.f("ck_attempt_ending_cause")
        ),
        sa.CheckConstraint("verdict IS NULL OR wants_void", name=op.f("ck_attempt_ending_asked_for")),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('keep', 'void')", name=op.f("ck_attempt_ending_verdict")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_ending_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt_ending")),
    )
    for table in APPEND_ONLY:
        refuse_changes(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in ("paused_until", "paused_from", "pause_id", "extension_seconds"):
        op.drop_column("attempt", name)
