"""Papers withdrawn before their start, marks for another look, and the rehearsal."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1000"
down_revision = "20261122_0900"
branch_labels = None
depends_on = None


def refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER withdrawn_paper_no_{verb.lower()} BEFORE {verb} ON withdrawn_paper "
                "BEGIN SELECT RAISE(ABORT, 'withdrawn_paper is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER withdrawn_paper_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON withdrawn_paper "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    op.create_table(
        "withdrawn_paper",
        sa.Column("paper_id", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_withdrawn_paper_paper_id_paper")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_withdrawn_paper")),
    )
    op.create_table(
        "review_mark",
        sa.Column("attempt_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position >= 1 AND revision >= 1", name=op.f("ck_review_mark_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_review_mark_attempt_id_attempt")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_review_mark")),
    )
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("login_session_id", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rehearsal_person_id_person")),
        sa.ForeignKeyConstraint(
            ["login_session_id"],
            ["login_session.id"],
            name=op.f("fk_rehearsal_login_session_id_login_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
        sa.UniqueConstraint("person_id", name=op.f("uq_rehearsal_person_id")),
    )
    op.create_table(
        "rehearsal_answer",
        sa.Column("rehearsal_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=160), nullable=False),
        sa.Column("mark_revision", sa.Integer(), nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "position >= 1 AND revision >= 0 AND mark_revision >= 0",
            name=op.f("ck_rehearsal_answer_counts_from_one"),
        ),
        sa.ForeignKeyConstraint(
            ["rehearsal_id"], ["rehearsal.id"], name=op.f("fk_rehearsal_answer_rehearsal_id_rehearsal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rehearsal_id", "position", name=op.f("pk_rehearsal_answer")),
    )  # fmt: skip
    refuse_changes()


def downgrade() -> None:
    for table in ("rehearsal_answer", "rehearsal", "review_mark", "withdrawn_paper"):
        op.drop_table(table)
