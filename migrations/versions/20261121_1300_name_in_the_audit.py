"""The names people had before a correction, so that the record of acts can say who somebody was then."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1300"
down_revision = "20261121_1210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_name",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_former_name_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_name")),
    )
    op.create_index(op.f("ix_former_name_person_id"), "former_name", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("former_name")
