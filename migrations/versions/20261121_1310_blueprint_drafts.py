"""Blueprints that are drafted in the browser, published once, and retired when nobody wants them any more."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1310"
down_revision = "20261121_1300"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'published', 'retired', 'discarded')"
DRAFT = sa.text("state = 'draft'")


def upgrade() -> None:
    with op.batch_alter_table("blueprint") as batch:
        # What was registered before could be chosen at once, so it counts as published.
        batch.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="published"))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("copied_from", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("created_by", sa.String(length=16), nullable=True))
        batch.create_check_constraint(op.f("ck_blueprint_state"), STATES)
        batch.create_foreign_key(
            op.f("fk_blueprint_copied_from_blueprint"), "blueprint", ["copied_from"], ["id"]
        )
    op.create_index(
        "uq_blueprint_draft_title", "blueprint", ["title"], unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_blueprint_draft_title", "blueprint")
    with op.batch_alter_table("blueprint") as batch:
        batch.drop_constraint(op.f("fk_blueprint_copied_from_blueprint"), type_="foreignkey")
        batch.drop_column("copied_from")
        batch.drop_column("created_by")
        batch.drop_column("revision")
    # What never was published could be chosen for a plan in the schema before; no plan names it.
    op.execute("DELETE FROM blueprint WHERE state IN ('draft', 'discarded')")
    with op.batch_alter_table("blueprint") as batch:
        batch.drop_constraint(op.f("ck_blueprint_state"), type_="check")
        batch.drop_column("state")
