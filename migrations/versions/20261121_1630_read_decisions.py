"""When the person who appealed has read the decision; those of before count as read."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1630"
down_revision = "20261121_1620"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("study_appeal", sa.Column("read_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE study_appeal SET read_at = decided_at")


def downgrade() -> None:
    op.drop_column("study_appeal", "read_at")
