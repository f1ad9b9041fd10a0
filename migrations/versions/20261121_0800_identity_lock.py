"""Whether a person may change name, ID number and portrait: not while an application rests on them."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0800"
down_revision = "20261121_0500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("profile", sa.Column("identity_lock", sa.String(10), nullable=False, server_default="open"))
    op.execute(
        "UPDATE profile SET identity_lock = 'locked' WHERE person_id IN (SELECT person_id FROM application"
        " WHERE state IN ('submitted', 'in_review', 'approved')"
        " AND (outcome IS NULL OR outcome = 'completed'))"
    )


def downgrade() -> None:
    op.drop_column("profile", "identity_lock")
