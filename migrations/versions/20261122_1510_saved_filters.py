"""Filters of the registry's list that people save under names of their own."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1510"
down_revision = "20261122_1500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registry_saved_filter",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_registry_saved_filter_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_saved_filter")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_registry_saved_filter_person_id_name")),
    )


def downgrade() -> None:
    op.drop_table("registry_saved_filter")
