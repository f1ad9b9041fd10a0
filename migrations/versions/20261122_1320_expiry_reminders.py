"""Reminders before a certificate ends: one row for each number and threshold."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1320"
down_revision = "20261122_1310"
branch_labels = None
depends_on = None


def words(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False)


def foreign(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_expiry_reminder_{column}"))


def upgrade() -> None:
    op.create_table(
        "expiry_reminder",
        words("certificate_number", 20),
        sa.Column("days", sa.Integer(), nullable=False, autoincrement=False),
        words("entry_id", 16),
        words("person_id", 16),
        sa.Column("valid_until", sa.Date(), nullable=False),
        words("round_id", 16),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("mailed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("days IN (90, 30, 7)", name=op.f("ck_expiry_reminder_days")),
        foreign("entry_id", "registry_entry"),
        foreign("person_id", "person"),
        sa.PrimaryKeyConstraint("certificate_number", "days", name=op.f("pk_expiry_reminder")),
    )
    op.create_index("ix_expiry_reminder_round", "expiry_reminder", ["round_id"])
    op.create_index("ix_expiry_reminder_person", "expiry_reminder", ["person_id", "created_at"])


def downgrade() -> None:
    op.drop_table("expiry_reminder")
