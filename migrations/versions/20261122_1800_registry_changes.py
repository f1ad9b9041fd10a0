"""Change requests: holders ask that their entries name another workplace."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1800"
down_revision = "20261122_1710"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def text_column(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "registry_change",
        text_column("id", 16),
        text_column("entry_id", 16),
        text_column("state", 10),
        text_column("before_organisation_id", 16, nullable=True),
        text_column("after_organisation_id", 16),
        text_column("words", 200),
        text_column("asked_by", 16),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        text_column("answer", 200),
        text_column("decided_by", 16, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'withdrawn')", name=op.f("ck_registry_change_state")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_registry_change_ended_has_time")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'refused')) = (decided_by IS NOT NULL)",
            name=op.f("ck_registry_change_decided_has_person"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_registry_change_decided_by_another")
        ),
        sa.CheckConstraint(
            "before_organisation_id IS NULL OR before_organisation_id <> after_organisation_id",
            name=op.f("ck_registry_change_changes_something"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_registry_change_{column}_{table}"))
            for column, table in (
                ("entry_id", "registry_entry"), ("before_organisation_id", "organisation"),
                ("after_organisation_id", "organisation"), ("asked_by", "person"), ("decided_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_change")),
    )  # fmt: skip
    op.create_index(
        "uq_registry_change_open", "registry_change", ["entry_id"], unique=True, sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip
    op.create_index("ix_registry_change_entry", "registry_change", ["entry_id", "asked_at"])
    op.create_index("ix_registry_change_state", "registry_change", ["state", "asked_at"])
    op.create_index(op.f("ix_registry_change_asked_by"), "registry_change", ["asked_by"])


def downgrade() -> None:
    op.drop_table("registry_change")
