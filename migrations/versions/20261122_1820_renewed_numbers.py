"""Plans say whether a renewed certificate keeps its number, and a version may be a renewal or correct an ID number."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1820"
down_revision = "20261122_1810"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('issued', 'suspended') OR (state = 'pending' AND version = 1)")
PENDING = sa.text("state = 'pending'")
FIRST = sa.text("version = 1 OR version_cause = 'renewed'")
BY_WHAT = ["id_number_index", "occupation_edition", "occupation_code", "level"]
CAUSES_OLD = "version_cause IN ('name_corrected', 'lost', 'leaked', 'restored')"
CAUSES_NEW = "version_cause IN ('name_corrected', 'id_corrected', 'lost', 'leaked', 'restored', 'renewed')"
DROPS_OLD = "state <> 'dropped' OR version > 1"
DROPS_NEW = "state <> 'dropped' OR (version > 1 AND version_cause <> 'renewed')"
PASSED = "version_cause <> 'renewed' OR application_id IS NOT NULL"


def drop_partial_indexes() -> None:
    op.drop_index("uq_certificate_live", table_name="certificate")
    op.drop_index("uq_certificate_unprinted", table_name="certificate")


def partial_index(name: str, columns: list[str], condition: sa.TextClause) -> None:
    op.create_index(
        name, "certificate", columns, unique=True, sqlite_where=condition, postgresql_where=condition
    )


def partial_indexes() -> None:
    partial_index("uq_certificate_live", BY_WHAT, LIVE)
    partial_index("uq_certificate_unprinted", ["number"], PENDING)


def upgrade() -> None:
    op.add_column("plan", sa.Column("keeps_number", sa.Boolean(), nullable=False, server_default=sa.false()))
    drop_partial_indexes()
    with op.batch_alter_table("certificate") as batch:
        batch.drop_constraint(op.f("ck_certificate_version_cause"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_version_cause"), CAUSES_NEW)
        batch.drop_constraint(op.f("ck_certificate_only_later_versions_drop"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_only_later_versions_drop"), DROPS_NEW)
        batch.create_check_constraint(op.f("ck_certificate_renewal_was_passed"), PASSED)
    partial_indexes()
    partial_index("uq_certificate_first", ["application_id"], FIRST)


def downgrade() -> None:
    op.drop_index("uq_certificate_first", table_name="certificate")
    drop_partial_indexes()
    with op.batch_alter_table("certificate") as batch:
        batch.drop_constraint(op.f("ck_certificate_renewal_was_passed"), type_="check")
        batch.drop_constraint(op.f("ck_certificate_only_later_versions_drop"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_only_later_versions_drop"), DROPS_OLD)
        batch.drop_constraint(op.f("ck_certificate_version_cause"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_version_cause"), CAUSES_OLD)
    partial_indexes()
    with op.batch_alter_table("plan") as batch:
        batch.drop_column("keeps_number")
