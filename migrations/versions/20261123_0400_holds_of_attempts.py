"""Attempts count how often they changed hands, so that revisions of two devices can be compared."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_0400"
down_revision = "20261122_1820"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("hold_no", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("attempt") as batch:
        batch.drop_column("hold_no")
