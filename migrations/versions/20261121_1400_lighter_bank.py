"""Fewer and narrower indexes on the bank, so that an import writes less; and the mark of what papers may draw.

The columns stay, so the release before runs on this schema. Nobody looks a question up by its own fingerprint, most
wordings name no last day, and a row that is written aside clashes with nothing before it enters the bank.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261121_1400"
down_revision = "20261121_1320"
branch_labels = None
depends_on = None

FILTER_BEFORE = ["state", "type", "area", "difficulty"]
FILTER_AFTER = ["type", "area", "difficulty", "state", "id"]
DRAFT = sa.text("state = 'draft'")
ENDING = sa.text("retire_on IS NOT NULL")
MARK_BYTES = 8


def upgrade() -> None:
    op.drop_index("ix_question_item_fingerprint", table_name="question_item")
    op.drop_index("ix_question_item_filter", table_name="question_item")
    op.create_index("ix_question_item_filter", "question_item", FILTER_AFTER, unique=False)
    op.create_index(
        "ix_question_item_draft", "question_item", ["question_key"], unique=False, sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )  # fmt: skip
    op.drop_index("ix_question_version_retire_on", table_name="question_version")
    op.create_index(
        "ix_question_version_retire_on", "question_version", ["retire_on"], unique=False, sqlite_where=ENDING,
        postgresql_where=ENDING,
    )  # fmt: skip
    with op.batch_alter_table("staged_item") as batch:
        batch.drop_constraint("uq_staged_item_batch_id_question_key", type_="unique")
    op.create_index("ix_staged_item_batch_id", "staged_item", ["batch_id"], unique=False)
    _mark_the_stock()


def _mark_the_stock() -> None:
    mark = op.create_table(
        "stock_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_stock_mark_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_mark")),
    )
    op.execute(sa.insert(mark).values(id=1, mark=secrets.token_hex(MARK_BYTES)))


def downgrade() -> None:
    op.drop_table("stock_mark")
    op.drop_index("ix_question_item_draft", table_name="question_item")
    op.drop_index("ix_staged_item_batch_id", table_name="staged_item")
    with op.batch_alter_table("staged_item") as batch:
        batch.create_unique_constraint("uq_staged_item_batch_id_question_key", ["batch_id", "question_key"])
    op.drop_index("ix_question_version_retire_on", table_name="question_version")
    op.create_index("ix_question_version_retire_on", "question_version", ["retire_on"], unique=False)
    op.drop_index("ix_question_item_filter", table_name="question_item")
    op.create_index("ix_question_item_filter", "question_item", FILTER_BEFORE, unique=False)
    op.create_index("ix_question_item_fingerprint", "question_item", ["fingerprint"], unique=False)
