"""What entries are found by, how many stand how, and indexes in the order of the narrowed list.

The grams of entries that are there already are written by the sweeper `registry.sweep_search`, which looks for entries
without `searched_as`: how a name is read is the business of a library, which no migration can hold still.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1500"
down_revision = "20261122_1340"
branch_labels = None
depends_on = None

ENTRY = "registry_entry"
UNSEARCHED = sa.text("searched_as IS NULL")
NARROWED = {
    "ix_registry_entry_issuer": "issuing_organisation_id",
    "ix_registry_entry_employer": "employer_organisation_id",
    "ix_registry_entry_occupation": "occupation_code",
    "ix_registry_entry_state": "state",
}
REPLACED = {
    "ix_registry_entry_occupation_code": "occupation_code",
    "ix_registry_entry_valid_until": "valid_until",
}


def upgrade() -> None:
    op.create_table(
        "registry_gram",
        sa.Column(
            "gram", sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("gram", "position", "entry_id", name=op.f("pk_registry_gram")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_tally",
        sa.Column("issuing_organisation_id", sa.String(16), nullable=False),
        sa.Column("standing", sa.String(12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuing_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_registry_tally_issuing_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("issuing_organisation_id", "standing", name=op.f("pk_registry_tally")),
    )
    op.add_column(ENTRY, sa.Column("searched_as", sa.String(80), nullable=True))
    for name, column in NARROWED.items():
        op.create_index(name, ENTRY, [column, "registered_at", "id"])
    op.create_index("ix_registry_entry_ends", ENTRY, ["valid_until", "id"])
    op.create_index(
        "ix_registry_entry_unsearched", ENTRY, ["id"], sqlite_where=UNSEARCHED, postgresql_where=UNSEARCHED
    )
    for name in REPLACED:
        op.drop_index(name, table_name=ENTRY)


def downgrade() -> None:
    for name, column in REPLACED.items():
        op.create_index(name, ENTRY, [column])
    for name in ("ix_registry_entry_unsearched", "ix_registry_entry_ends", *NARROWED):
        op.drop_index(name, table_name=ENTRY)
    op.drop_column(ENTRY, "searched_as")
    op.drop_table("registry_tally")
    op.drop_table("registry_gram")
