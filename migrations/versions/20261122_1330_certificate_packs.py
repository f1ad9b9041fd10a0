"""Stored certificates as one file: another kind of export."""

from alembic import op

revision = "20261122_1330"
down_revision = "20261122_1320"
branch_labels = None
depends_on = None

BEFORE = ("question_bank", "registry", "study_class")


def kinds(*names: str) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    with op.batch_alter_table("export") as export:
        export.drop_constraint(op.f("ck_export_kind"), type_="check")
        export.create_check_constraint(op.f("ck_export_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    kinds(*BEFORE, "certificates")


def downgrade() -> None:
    op.execute("DELETE FROM export WHERE kind = 'certificates'")
    kinds(*BEFORE)
