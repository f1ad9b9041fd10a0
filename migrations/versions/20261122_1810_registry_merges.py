"""Duplicates of the registry: entries that end in another one, and what two registrars decide about them.

A merged entry holds no place any more, so its key may be empty; a place is still unique among those that have one.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1810"
down_revision = "20261122_1800"
branch_labels = None
depends_on = None

ENTRY = "registry_entry"
MERGE = "registry_merge"
UNSEARCHED = sa.text("searched_as IS NULL")
MERGED = sa.text("merged_into_id IS NOT NULL")
STANDING = sa.text("state = 'proposed'")
POINTS = (
    "(state = 'merged') = (merged_into_id IS NOT NULL) AND (state = 'merged') = (id_number_index IS NULL)"
    " AND (merged_into_id IS NULL OR merged_into_id <> id)"
)
CHECKS = {
    "kind": "kind IN ('merge', 'split')",
    "state": "state IN ('proposed', 'accepted', 'refused')",
    "two_entries": "entry_id <> into_id",
    "decided_by_another": "decided_by IS NULL OR decided_by <> proposed_by",
    "decided_has_person": "(state = 'accepted') = (decided_by IS NOT NULL)"
    " AND (decided_by IS NULL) = (decided_at IS NULL)",
    "merged_from": "(state = 'accepted' AND kind = 'merge') = (state_before IS NOT NULL)"
    " AND (state_before IS NULL OR state_before IN ('expired', 'revoked'))",
}
POINTERS = {"entry_id": ENTRY, "into_id": ENTRY, "proposed_by": "person", "decided_by": "person"}


def words(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def unsearched() -> None:
    # A batch of SQLite writes the table anew and would keep this index without its condition.
    op.create_index(
        "ix_registry_entry_unsearched", ENTRY, ["id"], sqlite_where=UNSEARCHED, postgresql_where=UNSEARCHED
    )


def upgrade() -> None:
    op.drop_index("ix_registry_entry_unsearched", table_name=ENTRY)
    op.drop_index("ix_registry_entry_name", table_name=ENTRY)
    with op.batch_alter_table(ENTRY) as entry:
        entry.add_column(words("merged_into_id", 16, nullable=True))
        entry.alter_column("id_number_index", existing_type=sa.String(length=64), nullable=True)
        entry.create_foreign_key(op.f("fk_registry_entry_merged_into_id"), ENTRY, ["merged_into_id"], ["id"])
        entry.create_check_constraint(op.f("ck_registry_entry_merged"), POINTS)
    unsearched()
    op.create_index("ix_registry_entry_name", ENTRY, ["holder_name", "occupation_code", "level"])
    op.create_index(
        "ix_registry_entry_merged",
        ENTRY,
        ["merged_into_id", "id"],
        sqlite_where=MERGED,
        postgresql_where=MERGED,
    )
    op.create_table(
        MERGE,
        words("id", 16),
        words("kind", 8),
        words("state", 10),
        words("entry_id", 16),
        words("into_id", 16),
        words("words", 200),
        words("proposed_by", 16),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        words("decided_by", 16, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        words("state_before", 12, nullable=True),
        *(sa.CheckConstraint(check, name=op.f(f"ck_{MERGE}_{name}")) for name, check in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{MERGE}_{column}"))
            for column, table in POINTERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{MERGE}")),
    )
    op.create_index(
        "uq_registry_merge_standing", MERGE, ["entry_id"], unique=True, sqlite_where=STANDING,
        postgresql_where=STANDING,
    )  # fmt: skip
    op.create_index("ix_registry_merge_entry", MERGE, ["entry_id"])
    op.create_index("ix_registry_merge_into", MERGE, ["into_id"])


def downgrade() -> None:
    for name in ("ix_registry_entry_merged", "ix_registry_entry_unsearched", "ix_registry_entry_name"):
        op.drop_index(name, table_name=ENTRY)
    with op.batch_alter_table(ENTRY) as entry:
        entry.drop_constraint(op.f("ck_registry_entry_merged"), type_="check")
        entry.drop_constraint(op.f("fk_registry_entry_merged_into_id"), type_="foreignkey")
    # The release before knows no merged entries: each stands again as it stood.
    op.execute(
        "UPDATE registry_entry SET state = (SELECT m.state_before FROM registry_merge m WHERE m.entry_id ="
        " registry_entry.id AND m.into_id = registry_entry.merged_into_id AND m.state_before IS NOT NULL"
        " ORDER BY m.decided_at DESC LIMIT 1), id_number_index = (SELECT c.id_number_index FROM certificate c"
        " WHERE c.id = registry_entry.certificate_id) WHERE state = 'merged'"
    )
    with op.batch_alter_table(ENTRY) as entry:
        entry.drop_column("merged_into_id")
        entry.alter_column("id_number_index", existing_type=sa.String(length=64), nullable=False)
    unsearched()
    op.create_index("ix_registry_entry_name", ENTRY, ["holder_name"])
    op.drop_table(MERGE)
