"""A keyed hash of the browser's mark with each login session, and the people of a finding about a shared device."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1620"
down_revision = "20261121_1610"
branch_labels = None
depends_on = None

MARKED = sa.text("device_mark IS NOT NULL")


def upgrade() -> None:
    op.add_column("login_session", sa.Column("device_mark", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_login_session_device_mark", "login_session", ["device_mark"], sqlite_where=MARKED,
        postgresql_where=MARKED,
    )  # fmt: skip
    op.create_table(
        "study_finding_person",
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_study_finding_person_some_seconds")),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["study_finding.id"],
            name=op.f("fk_study_finding_person_finding_id_study_finding"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_study_finding_person_person_id_person")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_finding_person_plan_id_plan")),
        sa.PrimaryKeyConstraint("finding_id", "person_id", "plan_id", name=op.f("pk_study_finding_person")),
    )


def downgrade() -> None:
    op.drop_table("study_finding_person")
    op.drop_index("ix_login_session_device_mark", table_name="login_session")
    op.drop_column("login_session", "device_mark")
