"""One index of drawn items instead of two: a draw counts the few items that it compares, not all that were drawn."""

from alembic import op

revision = "20261121_1410"
down_revision = "20261121_1400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_paper_item_drawn", table_name="paper_item")
    op.drop_index("ix_paper_item_item", table_name="paper_item")
    op.create_index("ix_paper_item_item", "paper_item", ["item_id", "drawn_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_paper_item_item", table_name="paper_item")
    op.create_index("ix_paper_item_item", "paper_item", ["item_id"], unique=False)
    op.create_index("ix_paper_item_drawn", "paper_item", ["drawn_at", "item_id"], unique=False)
