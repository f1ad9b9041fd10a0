"""An index for the register's list, which begins with the newest entry."""

from alembic import op

revision = "20261122_0900"
down_revision = "20261121_1630"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_registry_entry_newest", "registry_entry", ["registered_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_registry_entry_newest", table_name="registry_entry")
