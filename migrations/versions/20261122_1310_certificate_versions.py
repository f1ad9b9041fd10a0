"""Versions of a certificate, and one table for everything that two registrars decide about one."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1310"
down_revision = "20261122_1200"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")
STANDING = sa.text("state IN ('open', 'proposed')")
LIVE_OLD = "state IN ('pending', 'issued', 'suspended')"
LIVE_NEW = "state IN ('issued', 'suspended') OR (state = 'pending' AND version = 1)"
BY_WHAT = ["id_number_index", "occupation_edition", "occupation_code", "level"]
SEQUENCE = ["number_rule", "number_year", "institution_code", "level", "serial"]
CHECKS_NEW = {
    "version_says_why": "(version = 1) = (replaces_id IS NULL) AND (version = 1) = (version_cause IS NULL)"
    " AND (version = 1) = (version_words IS NULL)",
    "version": "version BETWEEN 1 AND 99",
    "version_cause": "version_cause IN ('name_corrected', 'lost', 'leaked', 'restored')",
    "only_later_versions_drop": "state <> 'dropped' OR version > 1",
}
COLUMNS = (
    "id, certificate_id, state, opened_at, verdict, words, proposed_by, proposed_at, decided_by, decided_at"
)


def words(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def drop_partial_indexes() -> None:
    op.drop_index("uq_certificate_live", table_name="certificate")
    op.drop_index("uq_certificate_sequence", table_name="certificate")


def live_certificates(condition: str) -> None:
    op.create_index(
        "uq_certificate_live", "certificate", BY_WHAT, unique=True, sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )  # fmt: skip


def decisions(table: str, states: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        words("id", 16),
        words("certificate_id", 16),
        words("state", 10),
        moment("opened_at"),
        words("verdict", 8, nullable=True),
        words("words", 200),
        words("proposed_by", 16, nullable=True),
        moment("proposed_at", nullable=True),
        words("decided_by", 16, nullable=True),
        moment("decided_at", nullable=True),
        sa.CheckConstraint(f"state IN ({states})", name=op.f(f"ck_{table}_state")),
        foreign(table, "certificate_id", "certificate"),
        foreign(table, "proposed_by", "person"),
        foreign(table, "decided_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *more,
    )
    op.create_index(
        f"uq_{table}_standing", table, ["certificate_id"], unique=True, sqlite_where=STANDING,
        postgresql_where=STANDING,
    )  # fmt: skip


def upgrade() -> None:
    drop_partial_indexes()
    with op.batch_alter_table("certificate") as certificate:
        certificate.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        certificate.add_column(words("replaces_id", 16, nullable=True))
        certificate.add_column(words("version_cause", 16, nullable=True))
        certificate.add_column(words("version_words", 200, nullable=True))
        certificate.drop_constraint(op.f("uq_certificate_application_id"), type_="unique")
        certificate.drop_constraint(op.f("uq_certificate_number"), type_="unique")
        certificate.create_unique_constraint("uq_certificate_number_version", ["number", "version"])
        certificate.create_unique_constraint(
            "uq_certificate_application_version", ["application_id", "version"]
        )
        certificate.create_unique_constraint(op.f("uq_certificate_replaces_id"), ["replaces_id"])
        certificate.create_foreign_key(
            op.f("fk_certificate_replaces_id"), "certificate", ["replaces_id"], ["id"]
        )
        for name, check in CHECKS_NEW.items():
            certificate.create_check_constraint(op.f(f"ck_certificate_{name}"), check)
    live_certificates(LIVE_NEW)
    op.create_index(
        "uq_certificate_unprinted", "certificate", ["number"], unique=True, sqlite_where=PENDING,
        postgresql_where=PENDING,
    )  # fmt: skip
    op.create_index("uq_certificate_sequence", "certificate", [*SEQUENCE, "version"], unique=True)
    decisions(
        "certificate_decision",
        "'open', 'proposed', 'kept', 'revoked', 'restored', 'refused', 'lifted'",
        sa.Column("ground", sa.String(length=10), nullable=False, server_default="correction"),
        sa.CheckConstraint(
            "ground IN ('correction', 'registrar')", name=op.f("ck_certificate_decision_ground")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR (proposed_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_certificate_decision_decided_by_another"),
        ),
        sa.CheckConstraint(
            "(state IN ('kept', 'revoked', 'restored')) = (decided_by IS NOT NULL)",
            name=op.f("ck_certificate_decision_decided_has_person"),
        ),
        sa.CheckConstraint(
            "state <> 'proposed' OR (proposed_by IS NOT NULL AND verdict IS NOT NULL)",
            name=op.f("ck_certificate_decision_proposed"),
        ),
    )
    op.execute(
        f"INSERT INTO certificate_decision ({COLUMNS})"  # noqa: S608 - names of this file alone
        f" SELECT {COLUMNS} FROM certificate_suspension"
    )
    op.drop_table("certificate_suspension")


def downgrade() -> None:
    decisions(
        "certificate_suspension",
        "'open', 'proposed', 'kept', 'revoked', 'lifted'",
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by",
            name=op.f("ck_certificate_suspension_decided_by_another"),
        ),
        sa.CheckConstraint(
            "(state IN ('kept', 'revoked')) = (decided_by IS NOT NULL)",
            name=op.f("ck_certificate_suspension_decided_has_person"),
        ),
    )
    op.execute(
        f"INSERT INTO certificate_suspension ({COLUMNS})"  # noqa: S608 - names of this file alone
        f" SELECT {COLUMNS} FROM certificate_decision"
        " WHERE ground = 'correction'"
    )
    op.drop_table("certificate_decision")
    drop_partial_indexes()
    op.drop_index("uq_certificate_unprinted", table_name="certificate")
    with op.batch_alter_table("certificate") as certificate:
        for name in CHECKS_NEW:
            certificate.drop_constraint(op.f(f"ck_certificate_{name}"), type_="check")
        certificate.drop_constraint(op.f("fk_certificate_replaces_id"), type_="foreignkey")
        certificate.drop_constraint(op.f("uq_certificate_replaces_id"), type_="unique")
        certificate.drop_constraint("uq_certificate_application_version", type_="unique")
        certificate.drop_constraint("uq_certificate_number_version", type_="unique")
        certificate.create_unique_constraint(op.f("uq_certificate_number"), ["number"])
        certificate.create_unique_constraint(op.f("uq_certificate_application_id"), ["application_id"])
        for name in ("version_words", "version_cause", "replaces_id", "version"):
            certificate.drop_column(name)
    live_certificates(LIVE_OLD)
    op.create_index("uq_certificate_sequence", "certificate", SEQUENCE, unique=True)
