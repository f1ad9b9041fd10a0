"""The administrator's side of study: appeals and grants, reminders, findings."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1600"
down_revision = "20261121_1510"
branch_labels = None
depends_on = None

OPEN = sa.text("is_open")
KINDS = ("question_bank", "registry")


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


def kinds_of_exports(*kinds: str) -> None:
    with op.batch_alter_table("export") as export:
        export.drop_constraint(op.f("ck_export_kind"), type_="check")
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        export.create_check_constraint(op.f("ck_export_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    kinds_of_exports(*KINDS, "study_class")
    op.create_table(
        "study_appeal",
        text_column("id", 16),
        text_column("person_id", 16),
        text_column("plan_id", 16),
        text_column("application_id", 16),
        text_column("state", 10),
        text_column("words", 500),
        whole("asked_seconds"),
        whole("granted_seconds"),
        text_column("decision", 500),
        text_column("decided_by", 16, nullable=True),
        moment("created_at"),
        moment("decided_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'granted', 'refused', 'withdrawn')", name=op.f("ck_study_appeal_state")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_study_appeal_decided_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'granted') = (granted_seconds > 0)", name=op.f("ck_study_appeal_granted_has_seconds")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_study_appeal_person_id_person")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_appeal_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_appeal")),
    )
    op.create_index("ix_study_appeal_plan", "study_appeal", ["plan_id", "state", "created_at"])
    op.create_index("ix_study_appeal_person", "study_appeal", ["person_id", "plan_id"])
    op.create_table(
        "study_appeal_beat",
        text_column("appeal_id", 16),
        text_column("session_id", 16),
        whole("seq"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["study_appeal.id"], name=op.f("fk_study_appeal_beat_appeal_id_study_appeal")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "seq"], ["study_beat.session_id", "study_beat.seq"],
            name=op.f("fk_study_appeal_beat_session_id_seq_study_beat"),
        ),
        sa.PrimaryKeyConstraint("appeal_id", "session_id", "seq", name=op.f("pk_study_appeal_beat")),
    )  # fmt: skip
    op.create_index(
        "uq_study_appeal_beat_open", "study_appeal_beat", ["session_id", "seq"], unique=True,
        sqlite_where=OPEN, postgresql_where=OPEN,
    )  # fmt: skip
    op.create_table(
        "study_grant",
        text_column("session_id", 16),
        whole("seq"),
        text_column("appeal_id", 16),
        text_column("person_id", 16),
        text_column("plan_id", 16),
        text_column("lesson_id", 16),
        whole("seconds"),
        sa.Column("covered", sa.LargeBinary(), nullable=False),
        moment("span_from"),
        moment("span_to"),
        whole("after_beats"),
        moment("granted_at"),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_study_grant_some_seconds")),
        sa.CheckConstraint(
            "span_to - span_from = seconds * 1000", name=op.f("ck_study_grant_span_is_seconds")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "seq"], ["study_beat.session_id", "study_beat.seq"],
            name=op.f("fk_study_grant_session_id_seq_study_beat"),
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["study_appeal.id"], name=op.f("fk_study_grant_appeal_id_study_appeal")
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_study_grant")),
    )  # fmt: skip
    op.create_index("ix_study_grant_appeal_id", "study_grant", ["appeal_id"])
    op.create_index("ix_study_grant_person", "study_grant", ["person_id", "plan_id"])
    refuse_changes("study_grant")
    op.create_table(
        "study_reminder",
        text_column("person_id", 16),
        text_column("plan_id", 16),
        whole("day"),
        text_column("round_id", 16),
        text_column("sent_by", 16, nullable=True),
        whole("counted_seconds"),
        whole("daily_seconds"),
        moment("created_at"),
        moment("mailed_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_study_reminder_person_id_person")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_reminder_plan_id_plan")),
        sa.PrimaryKeyConstraint("person_id", "plan_id", "day", name=op.f("pk_study_reminder")),
    )
    op.create_index("ix_study_reminder_round", "study_reminder", ["round_id"])
    op.create_index("ix_study_reminder_plan", "study_reminder", ["plan_id", "day"])
    op.create_table(
        "study_reminder_rule",
        text_column("plan_id", 16),
        whole("every_days"),
        whole("last_day"),
        moment("changed_at"),
        sa.CheckConstraint("every_days BETWEEN 0 AND 30", name=op.f("ck_study_reminder_rule_every_days")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_reminder_rule_plan_id_plan")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_study_reminder_rule")),
    )
    op.create_table(
        "study_finding",
        text_column("id", 16),
        text_column("rule", 12),
        text_column("person_id", 16),
        text_column("plan_id", 16),
        whole("day"),
        sa.Column("figures", sa.Text(), nullable=False),
        moment("from_at"),
        moment("until_at"),
        moment("found_at"),
        text_column("looked_by", 16, nullable=True),
        moment("looked_at", nullable=True),
        text_column("note", 500),
        sa.CheckConstraint(
            "(looked_at IS NULL) = (looked_by IS NULL)", name=op.f("ck_study_finding_looked_has_person")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_study_finding_person_id_person")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_finding_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_finding")),
        sa.UniqueConstraint(
            "rule", "person_id", "plan_id", "day", name=op.f("uq_study_finding_rule_person_id_plan_id_day")
        ),
    )
    op.create_index("ix_study_finding_plan", "study_finding", ["plan_id", "found_at"])
    op.create_table(
        "study_examined",
        text_column("session_id", 16),
        moment("until"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_study_examined_session_id_study_session")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_study_examined")),
    )


def downgrade() -> None:
    for table in (
        "study_examined", "study_finding", "study_reminder_rule", "study_reminder", "study_grant", "study_appeal_beat",
        "study_appeal",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DELETE FROM export WHERE kind = 'study_class'")
    kinds_of_exports(*KINDS)
