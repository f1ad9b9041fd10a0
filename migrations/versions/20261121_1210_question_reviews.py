"""Versions that somebody writes and another one approves, and the text that searching looks through."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1210"
down_revision = "20261121_1200"
branch_labels = None
depends_on = None

BEFORE = "state IN ('approved', 'retired')"
AFTER = "state IN ('draft', 'approved', 'retired')"
OPEN = sa.text("state IN ('draft', 'reviewed')")


def upgrade() -> None:
    with op.batch_alter_table("question_item") as batch:
        batch.drop_constraint(op.f("ck_question_item_state"), type_="check")
        batch.create_check_constraint(op.f("ck_question_item_state"), AFTER)
    op.add_column("question_version", sa.Column("rule_version", sa.String(length=60), nullable=True))
    op.add_column("question_version", sa.Column("retire_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_question_version_retire_on"), "question_version", ["retire_on"], unique=False)
    op.create_table(
        "version_review",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("written_by", sa.String(length=16), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("reviewed_by", sa.String(length=16), nullable=True),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'reviewed', 'approved', 'declined', 'withdrawn')",
            name=op.f("ck_version_review_state"),
        ),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR reviewed_by <> written_by", name=op.f("ck_version_review_another_reviews")
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> written_by",
            name=op.f("ck_version_review_another_approves"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('reviewed', 'approved') OR reviewed_by IS NOT NULL",
            name=op.f("ck_version_review_reviewed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_by IS NOT NULL)",
            name=op.f("ck_version_review_approved_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["question_item.id"], name=op.f("fk_version_review_item_id_question_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_review")),
        sa.UniqueConstraint("item_id", "version", name=op.f("uq_version_review_item_id_version")),
    )
    op.create_index("ix_version_review_state", "version_review", ["state", "written_at"], unique=False)
    op.create_index(
        "uq_version_review_open", "version_review", ["item_id"], unique=True, sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip
    op.create_table(
        "item_text",
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["question_item.id"], name=op.f("fk_item_text_item_id_question_item")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_text")),
    )


def downgrade() -> None:
    op.drop_table("item_text")
    op.drop_table("version_review")
    op.drop_index(op.f("ix_question_version_retire_on"), "question_version")
    op.drop_column("question_version", "retire_on")
    op.drop_column("question_version", "rule_version")
    # What never was approved has no place in the schema before; nothing that papers draw is touched.
    op.execute("UPDATE question_item SET state = 'retired' WHERE state = 'draft'")
    with op.batch_alter_table("question_item") as batch:
        batch.drop_constraint(op.f("ck_question_item_state"), type_="check")
        batch.create_check_constraint(op.f("ck_question_item_state"), BEFORE)
