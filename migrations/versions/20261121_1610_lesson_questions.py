"""Questions inside a lesson, every try to answer one, and the minimum time of a lesson that is being prepared."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1610"
down_revision = "20261121_1600"
branch_labels = None
depends_on = None


def refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER question_try_no_{verb.lower()} BEFORE {verb} ON question_try "
                "BEGIN SELECT RAISE(ABORT, 'question_try is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER question_try_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON question_try "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    with op.batch_alter_table("draft_lesson") as draft_lesson:
        draft_lesson.add_column(sa.Column("min_seconds", sa.Integer(), nullable=False, server_default="0"))
        draft_lesson.create_check_constraint(op.f("ck_draft_lesson_minimum"), "min_seconds >= 0")
    op.create_table(
        "lesson_question",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("draft_lesson_id", sa.String(length=16), nullable=True),
        sa.Column("lesson_id", sa.String(length=16), nullable=True),
        sa.Column("stop_at", sa.Integer(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("right_option", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(draft_lesson_id IS NULL) <> (lesson_id IS NULL)", name=op.f("ck_lesson_question_of_one_lesson")
        ),
        sa.CheckConstraint("stop_at >= 1", name=op.f("ck_lesson_question_has_begun")),
        sa.ForeignKeyConstraint(
            ["draft_lesson_id"],
            ["draft_lesson.id"],
            name=op.f("fk_lesson_question_draft_lesson_id_draft_lesson"),
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_question_lesson_id_lesson")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_question")),
        sa.UniqueConstraint(
            "draft_lesson_id", "stop_at", name=op.f("uq_lesson_question_draft_lesson_id_stop_at")
        ),
        sa.UniqueConstraint("lesson_id", "stop_at", name=op.f("uq_lesson_question_lesson_id_stop_at")),
    )
    op.create_table(
        "question_try",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("question_id", sa.String(length=16), nullable=False),
        sa.Column("try_no", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.String(length=16), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_question_try_person_id_person")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_question_try_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["lesson_question.id"], name=op.f("fk_question_try_question_id_lesson_question")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_question_try_session_id_study_session")
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "plan_id", "question_id", "try_no", name=op.f("pk_question_try")
        ),
    )
    refuse_changes()


def downgrade() -> None:
    op.drop_table("question_try")
    op.drop_table("lesson_question")
    with op.batch_alter_table("draft_lesson") as draft_lesson:
        draft_lesson.drop_constraint(op.f("ck_draft_lesson_minimum"))
        draft_lesson.drop_column("min_seconds")
