"""The language a person chose; nothing for everybody who was here before."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0900"
down_revision = "20261121_0800"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("language", sa.String(length=5), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "language")
