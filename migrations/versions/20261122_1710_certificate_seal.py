"""The seal of certificates: the public parts of its keys, which one sealed a file, and files found by their hash."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1710"
down_revision = "20261122_1520"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_seal",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("valid_from", "valid_until", "first_used_at")
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_certificate_seal_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_seal")),
    )
    # Said as both databases understand it: SQLite adds a column with its constraints, but no constraint alone.
    op.execute(
        "ALTER TABLE certificate ADD COLUMN seal_id VARCHAR(64)"
        " CONSTRAINT fk_certificate_seal_id REFERENCES certificate_seal (id)"
    )
    op.create_index("ix_certificate_file_key", "certificate", ["file_key"])


def downgrade() -> None:
    op.drop_index("ix_certificate_file_key", table_name="certificate")
    with op.batch_alter_table("certificate") as altered:
        altered.drop_column("seal_id")
    op.drop_table("certificate_seal")
