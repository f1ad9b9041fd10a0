"""Layouts of the certificate in versions, and which one each certificate is printed with."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1340"
down_revision = "20261122_1330"
branch_labels = None
depends_on = None

DRAFT = sa.text("state = 'draft'")


def words(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_certificate_layout_{name}"))


def foreign(column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_certificate_layout_{column}"))


def upgrade() -> None:
    op.create_table(
        "certificate_layout",
        words("id", 16),
        sa.Column("version", sa.Integer(), nullable=True),
        words("state", 10),
        words("over", 40),
        words("title", 40),
        words("statement", 160),
        words("issuer", 60),
        words("logo_key", 64, nullable=True),
        words("stamp_key", 64, nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        words("sample_key", 64, nullable=True),
        sa.Column("sample_edition", sa.Integer(), nullable=True),
        words("created_by", 16, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        words("published_by", 16, nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        check("state", "state IN ('draft', 'published', 'discarded')"),
        check("published_has_version", "(state = 'published') = (version IS NOT NULL)"),
        check("version", "version >= 1"),
        foreign("created_by"),
        foreign("published_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_layout")),
        sa.UniqueConstraint("version", name=op.f("uq_certificate_layout_version")),
    )
    op.create_index(
        "uq_certificate_layout_draft", "certificate_layout", ["state"], unique=True, sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )  # fmt: skip
    op.add_column(
        "certificate", sa.Column("layout_version", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("certificate", "layout_version")
    op.drop_table("certificate_layout")
