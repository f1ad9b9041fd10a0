"""Imports as long work: what is asked for, how far it is, and the rows that wait to come in together."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1000"
down_revision = "20261121_0930"
branch_labels = None
depends_on = None

BEFORE = "state IN ('checked', 'accepted', 'discarded')"
AFTER = "state IN ('waiting', 'checked', 'accepting', 'accepted', 'discarded', 'failed')"


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as batch:
        batch.drop_constraint(op.f("ck_import_batch_state"), type_="check")
        batch.create_check_constraint(op.f("ck_import_batch_state"), AFTER)
        batch.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("default_difficulty", sa.String(length=8), nullable=True))
        batch.add_column(sa.Column("sample", sa.Text(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("troubles", sa.Text(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("columns", sa.Text(), nullable=True))
        batch.add_column(sa.Column("profile", sa.Text(), nullable=True))
        batch.add_column(sa.Column("profile_name", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("annotated_key", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("asked_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("asked_by", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("started_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "staged_item",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("question_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("difficulty", sa.String(length=8), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_staged_item_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_item")),
        sa.UniqueConstraint("batch_id", "question_key", name=op.f("uq_staged_item_batch_id_question_key")),
    )
    op.create_table(
        "import_profile",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("headings_key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_profile")),
        sa.UniqueConstraint("name", name=op.f("uq_import_profile_name")),
        sa.UniqueConstraint("headings_key", name=op.f("uq_import_profile_headings_key")),
    )


def downgrade() -> None:
    op.drop_table("import_profile")
    op.drop_table("staged_item")
    op.execute("UPDATE import_batch SET state = 'discarded' WHERE state IN ('waiting', 'failed')")
    op.execute("UPDATE import_batch SET state = 'checked' WHERE state = 'accepting'")
    with op.batch_alter_table("import_batch") as batch:
        for name in (
            "started_at", "asked_by", "asked_at", "done", "annotated_key", "troubles", "sample",
            "default_difficulty", "turn", "profile_name", "profile", "columns",
        ):  # fmt: skip
            batch.drop_column(name)
        batch.drop_constraint(op.f("ck_import_batch_state"), type_="check")
        batch.create_check_constraint(op.f("ck_import_batch_state"), BEFORE)
