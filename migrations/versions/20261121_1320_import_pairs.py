"""Rows of a file that resemble a question and what was decided of them; how questions arrive; rows to be read."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1320"
down_revision = "20261121_1310"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as batch:
        batch.add_column(sa.Column("alike_count", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(
            sa.Column("rest_decision", sa.String(length=8), nullable=False, server_default="leave")
        )
        batch.add_column(
            sa.Column("arrival", sa.String(length=10), nullable=False, server_default="approved")
        )
        batch.add_column(sa.Column("total", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_import_batch_arrival"), "arrival IN ('approved', 'draft')")
        batch.create_check_constraint(
            op.f("ck_import_batch_rest_decision"), "rest_decision IN ('leave', 'bring')"
        )
    op.create_table(
        "import_pair",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=True),
        sa.Column("other_sheet", sa.Text(), nullable=False),
        sa.Column("other_row", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("other_body", sa.Text(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('known', 'contradicts', 'alike', 'neighbour')", name=op.f("ck_import_pair_kind")
        ),
        sa.CheckConstraint("decision IN ('leave', 'bring', 'version')", name=op.f("ck_import_pair_decision")),
        sa.CheckConstraint(
            "decision <> 'bring' OR kind IN ('alike', 'neighbour')",
            name=op.f("ck_import_pair_brought_in_once"),
        ),
        sa.CheckConstraint(
            "decision <> 'version' OR item_id IS NOT NULL", name=op.f("ck_import_pair_version_of_something")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_pair_batch_id_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["question_item.id"], name=op.f("fk_import_pair_item_id_question_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_pair")),
        sa.UniqueConstraint("batch_id", "mark", name=op.f("uq_import_pair_batch_id_mark")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_import_pair_batch_id_number")),
    )


def downgrade() -> None:
    op.drop_table("import_pair")
    with op.batch_alter_table("import_batch") as batch:
        batch.drop_constraint(op.f("ck_import_batch_rest_decision"), type_="check")
        batch.drop_constraint(op.f("ck_import_batch_arrival"), type_="check")
        for name in ("total", "arrival", "rest_decision", "alike_count"):
            batch.drop_column(name)
