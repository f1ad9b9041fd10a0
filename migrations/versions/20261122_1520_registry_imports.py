"""Certificates from before this system, their holders, and the files they come in with."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1520"
down_revision = "20261122_1510"
branch_labels = None
depends_on = None

FILE_ALWAYS = "state <> 'issued' OR (file_key IS NOT NULL AND issued_at IS NOT NULL)"
FILE_OR_EARLIER = (
    "state <> 'issued' OR (issued_at IS NOT NULL AND (file_key IS NOT NULL OR origin = 'imported'))"
)
LIVE = sa.text("state IN ('issued', 'suspended') OR (state = 'pending' AND version = 1)")
BY_WHAT = ["id_number_index", "occupation_edition", "occupation_code", "level"]


def live_index() -> None:
    op.create_index(
        "uq_certificate_live", "certificate", BY_WHAT, unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def upgrade() -> None:
    op.drop_index("uq_certificate_live", table_name="certificate")
    with op.batch_alter_table("certificate") as batch:
        batch.add_column(sa.Column("origin", sa.String(8), nullable=False, server_default="issued"))
        batch.alter_column("application_id", existing_type=sa.String(16), nullable=True)
        batch.drop_constraint(op.f("ck_certificate_issued_has_file"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_issued_has_file"), FILE_OR_EARLIER)
        batch.create_check_constraint(
            op.f("ck_certificate_origin"),
            "origin IN ('issued', 'imported') AND (origin = 'issued') = (application_id IS NOT NULL)",
        )
    live_index()
    op.create_table(
        "registry_holder",
        sa.Column("person_id", sa.String(16), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("workplace", sa.String(80), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registry_holder_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_registry_holder")),
    )
    op.create_table(
        "registry_import",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(120), nullable=False),
        sa.Column("file_key", sa.String(64), nullable=True),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("known_count", sa.Integer(), nullable=False),
        sa.Column("conflict_count", sa.Integer(), nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("entered_count", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.String(20), nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'checked', 'entering', 'entered', 'discarded', 'failed')",
            name=op.f("ck_registry_import_state"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_registry_import_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_import")),
    )
    op.create_index("ix_registry_import_own", "registry_import", ["asked_by", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_registry_import_own", table_name="registry_import")
    op.drop_table("registry_import")
    op.drop_table("registry_holder")
    op.drop_index("uq_certificate_live", table_name="certificate")
    with op.batch_alter_table("certificate") as batch:
        batch.drop_constraint(op.f("ck_certificate_origin"), type_="check")
        batch.drop_constraint(op.f("ck_certificate_issued_has_file"), type_="check")
        batch.create_check_constraint(op.f("ck_certificate_issued_has_file"), FILE_ALWAYS)
        batch.alter_column("application_id", existing_type=sa.String(16), nullable=False)
        batch.drop_column("origin")
    live_index()
