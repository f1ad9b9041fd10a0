"""After the exam: corrections, reviews of scores, what is shown, suspended certificates, and practice."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1040"
down_revision = "20261122_1020"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("state IN ('in_force', 'reversing')")
WAITING = sa.text("state IN ('open', 'drafted')")
NOT_WITHDRAWN = sa.text("state <> 'withdrawn'")
STANDING = sa.text("state IN ('open', 'proposed')")
LIVE = "state IN ('pending', 'issued')"
LIVE_OR_SUSPENDED = "state IN ('pending', 'issued', 'suspended')"
BY_WHAT = ["id_number_index", "occupation_edition", "occupation_code", "level"]


def words(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def live_certificates(condition: str) -> None:
    op.drop_index("uq_certificate_live", table_name="certificate")
    op.create_index(
        "uq_certificate_live", "certificate", BY_WHAT, unique=True, sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )  # fmt: skip


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
    corrections()
    reviews()
    suspensions()
    practice()


def corrections() -> None:
    op.create_table(
        "exam_correction",
        words("id", 16),
        words("plan_id", 16),
        words("item_id", 16),
        words("fingerprint", 64),
        words("kind", 8),
        sa.Column("accepted", sa.JSON(), nullable=False),
        words("words", 500),
        words("state", 10),
        words("proposed_by", 16),
        moment("proposed_at"),
        words("released_by", 16, nullable=True),
        moment("released_at", nullable=True),
        words("reversal_words", 500),
        words("reversal_by", 16, nullable=True),
        words("reversed_by", 16, nullable=True),
        moment("reversed_at", nullable=True),
        sa.CheckConstraint(
            "kind IN ('void', 'also', 'instead', 'credit')", name=op.f("ck_exam_correction_kind")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'in_force', 'withdrawn', 'reversing', 'reversed')",
            name=op.f("ck_exam_correction_state"),
        ),
        sa.CheckConstraint(
            "released_by IS NULL OR released_by <> proposed_by",
            name=op.f("ck_exam_correction_released_by_another"),
        ),
        sa.CheckConstraint(
            "reversed_by IS NULL OR reversed_by <> reversal_by",
            name=op.f("ck_exam_correction_reversed_by_another"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR released_by IS NOT NULL",
            name=op.f("ck_exam_correction_in_force_is_released"),
        ),
        sa.CheckConstraint(
            "(state = 'reversed') = (reversed_by IS NOT NULL)",
            name=op.f("ck_exam_correction_reversed_has_person"),
        ),
        foreign("exam_correction", "plan_id", "plan"),
        foreign("exam_correction", "item_id", "question_item"),
        foreign("exam_correction", "proposed_by", "person"),
        foreign("exam_correction", "released_by", "person"),
        foreign("exam_correction", "reversal_by", "person"),
        foreign("exam_correction", "reversed_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_correction")),
    )
    op.create_index(
        "ix_exam_correction_in_force",
        "exam_correction",
        ["plan_id"],
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    op.create_index("ix_exam_correction_list", "exam_correction", ["state", "proposed_at"])
    op.create_table(
        "score_change",
        words("attempt_id", 16),
        words("correction_id", 16),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("score_before", sa.Integer(), nullable=False),
        sa.Column("full_before", sa.Integer(), nullable=False),
        sa.Column("passed_before", sa.Boolean(), nullable=False),
        sa.Column("score_after", sa.Integer(), nullable=False),
        sa.Column("full_after", sa.Integer(), nullable=False),
        sa.Column("passed_after", sa.Boolean(), nullable=False),
        moment("at"),
        foreign("score_change", "attempt_id", "attempt"),
        foreign("score_change", "correction_id", "exam_correction"),
        sa.PrimaryKeyConstraint("attempt_id", "correction_id", "is_reversal", name=op.f("pk_score_change")),
    )
    op.create_index("ix_score_change_correction", "score_change", ["correction_id", "is_reversal"])
    refuse_changes("score_change")


def reviews() -> None:
    op.create_table(
        "score_review",
        words("id", 16),
        words("attempt_id", 16),
        words("person_id", 16),
        words("plan_id", 16),
        words("state", 10),
        words("words", 500),
        sa.Column("score_then", sa.Integer(), nullable=False),
        moment("asked_at"),
        moment("due_at"),
        words("verdict", 10, nullable=True),
        words("answer", 500),
        words("drafted_by", 16, nullable=True),
        moment("drafted_at", nullable=True),
        words("decided_by", 16, nullable=True),
        moment("decided_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'drafted', 'answered', 'withdrawn')", name=op.f("ck_score_review_state")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> drafted_by", name=op.f("ck_score_review_decided_by_another")
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (decided_by IS NOT NULL)",
            name=op.f("ck_score_review_answered_has_person"),
        ),
        foreign("score_review", "attempt_id", "attempt"),
        foreign("score_review", "person_id", "person"),
        foreign("score_review", "plan_id", "plan"),
        foreign("score_review", "drafted_by", "person"),
        foreign("score_review", "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_review")),
    )
    op.create_index(
        "uq_score_review_attempt",
        "score_review",
        ["attempt_id"],
        unique=True,
        sqlite_where=NOT_WITHDRAWN,
        postgresql_where=NOT_WITHDRAWN,
    )
    op.create_index(
        "ix_score_review_waiting",
        "score_review",
        ["due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_score_review_person", "score_review", ["person_id"])
    op.create_index("ix_score_review_plan_id", "score_review", ["plan_id"])
    op.create_table(
        "score_report_rule",
        words("plan_id", 16),
        words("detail", 10),
        moment("changed_at"),
        sa.CheckConstraint(
            "detail IN ('total', 'areas', 'questions', 'paper')", name=op.f("ck_score_report_rule_detail")
        ),
        foreign("score_report_rule", "plan_id", "plan"),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_score_report_rule")),
    )


def suspensions() -> None:
    live_certificates(LIVE_OR_SUSPENDED)
    op.create_table(
        "certificate_suspension",
        words("id", 16),
        words("certificate_id", 16),
        words("state", 10),
        moment("opened_at"),
        words("verdict", 8, nullable=True),
        words("words", 200),
        words("proposed_by", 16, nullable=True),
        moment("proposed_at", nullable=True),
        words("decided_by", 16, nullable=True),
        moment("decided_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'proposed', 'kept', 'revoked', 'lifted')",
            name=op.f("ck_certificate_suspension_state"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by",
            name=op.f("ck_certificate_suspension_decided_by_another"),
        ),
        sa.CheckConstraint(
            "(state IN ('kept', 'revoked')) = (decided_by IS NOT NULL)",
            name=op.f("ck_certificate_suspension_decided_has_person"),
        ),
        foreign("certificate_suspension", "certificate_id", "certificate"),
        foreign("certificate_suspension", "proposed_by", "person"),
        foreign("certificate_suspension", "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_suspension")),
    )
    op.create_index(
        "uq_certificate_suspension_standing",
        "certificate_suspension",
        ["certificate_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def practice() -> None:
    op.create_table(
        "practice_item",
        words("item_id", 16),
        moment("marked_at"),
        words("marked_by", 16, nullable=True),
        foreign("practice_item", "item_id", "question_item"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_practice_item")),
    )
    op.create_table(
        "practice_try",
        words("person_id", 16),
        words("item_id", 16),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("right_tries", sa.Integer(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        moment("last_at"),
        sa.CheckConstraint("right_tries BETWEEN 0 AND tries", name=op.f("ck_practice_try_right_tries")),
        foreign("practice_try", "person_id", "person"),
        foreign("practice_try", "item_id", "question_item"),
        sa.PrimaryKeyConstraint("person_id", "item_id", name=op.f("pk_practice_try")),
    )


def downgrade() -> None:
    op.drop_table("practice_try")
    op.drop_table("practice_item")
    op.drop_table("certificate_suspension")
    live_certificates(LIVE)
    op.drop_table("score_report_rule")
    op.drop_table("score_review")
    op.drop_table("score_change")
    op.drop_table("exam_correction")
