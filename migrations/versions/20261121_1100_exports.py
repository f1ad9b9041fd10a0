"""Files that people take out of the house: who asked for what, and what for."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1100"
down_revision = "20261121_1000"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("described", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=True),
        sa.Column("file_key", sa.String(length=64), nullable=True),
        sa.Column("byte_count", sa.Integer(), nullable=True),
        sa.Column("losses", sa.Text(), nullable=False),
        sa.Column("failure", sa.String(length=12), nullable=True),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'gone')", name=op.f("ck_export_state")
        ),
        sa.CheckConstraint("kind IN ('question_bank', 'registry')", name=op.f("ck_export_kind")),
        sa.CheckConstraint("total > 0 AND done BETWEEN 0 AND total", name=op.f("ck_export_progress")),
        sa.CheckConstraint("(state = 'done') = (file_key IS NOT NULL)", name=op.f("ck_export_done_has_file")),
        sa.CheckConstraint(
            "(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_export_failed_says_why")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'failed', 'gone')) = (finished_at IS NOT NULL)", name=op.f("ck_export_end")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_export_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_person", "export", ["person_id", "created_at"], unique=False)
    op.create_index("ix_export_state", "export", ["state", "touched_at"], unique=False)
    op.create_index(
        "uq_export_open",
        "export",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("export")
