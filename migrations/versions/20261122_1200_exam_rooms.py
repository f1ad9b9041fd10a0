"""Exam rooms: seats, numbers of candidates, invigilators bound to rooms, and rooms as targets of acts."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1200"
down_revision = "20261122_1040"
branch_labels = None
depends_on = None

STANDING = sa.text("removed_at IS NULL")
SITTING = sa.text("left_at IS NULL")
ALONE = (
    " CONSTRAINT ck_exam_measure_room_alone CHECK (room_id IS NULL OR"
    " (organisation_id IS NULL AND attempt_id IS NULL))"
)
TABLES = ("exam_room", "exam_seating", "exam_room_invigilator", "exam_candidate_number")


def text_column(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def whole(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "exam_room",
        text_column("id", 16),
        text_column("plan_id", 16),
        text_column("name", 40),
        text_column("place", 80),
        whole("seat_count"),
        text_column("made_by", 16),
        moment("made_at"),
        text_column("removed_by", 16, nullable=True),
        moment("removed_at", nullable=True),
        sa.CheckConstraint("seat_count BETWEEN 1 AND 500", name=op.f("ck_exam_room_seats_bound")),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)", name=op.f("ck_exam_room_removed_has_person")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_exam_room_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_room")),
        sa.UniqueConstraint("id", "plan_id", "seat_count", name=op.f("uq_exam_room_id_plan_id_seat_count")),
    )
    op.create_index(
        "uq_exam_room_name", "exam_room", ["plan_id", "name"], unique=True,
        sqlite_where=STANDING, postgresql_where=STANDING,
    )  # fmt: skip
    op.create_table(
        "exam_seating",
        text_column("id", 16),
        text_column("plan_id", 16),
        text_column("room_id", 16),
        whole("seat_count"),
        text_column("person_id", 16),
        whole("seat"),
        text_column("seated_by", 16),
        moment("seated_at"),
        text_column("left_by", 16, nullable=True),
        moment("left_at", nullable=True),
        sa.CheckConstraint(
            "seat >= 1 AND (left_at IS NOT NULL OR seat <= seat_count)",
            name=op.f("ck_exam_seating_seat_in_room"),
        ),
        sa.CheckConstraint(
            "(left_at IS NULL) = (left_by IS NULL)", name=op.f("ck_exam_seating_left_has_person")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_seating_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_exam_seating_plan_id")),
        sa.ForeignKeyConstraint(
            ["room_id", "plan_id", "seat_count"],
            ["exam_room.id", "exam_room.plan_id", "exam_room.seat_count"],
            name=op.f("fk_exam_seating_room_id_plan_id_seat_count"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_seating")),
    )
    op.create_index(
        "uq_exam_seating_person", "exam_seating", ["plan_id", "person_id"], unique=True,
        sqlite_where=SITTING, postgresql_where=SITTING,
    )  # fmt: skip
    op.create_index(
        "uq_exam_seating_seat", "exam_seating", ["room_id", "seat"], unique=True,
        sqlite_where=SITTING, postgresql_where=SITTING,
    )  # fmt: skip
    op.create_index("ix_exam_seating_person", "exam_seating", ["person_id", "plan_id"])
    op.create_table(
        "exam_room_invigilator",
        text_column("room_id", 16),
        text_column("person_id", 16),
        text_column("bound_by", 16),
        moment("bound_at"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_exam_room_invigilator_person_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["exam_room.id"], name=op.f("fk_exam_room_invigilator_room_id")),
        sa.PrimaryKeyConstraint("room_id", "person_id", name=op.f("pk_exam_room_invigilator")),
    )
    op.create_index("ix_exam_room_invigilator_person", "exam_room_invigilator", ["person_id"])
    op.create_table(
        "exam_candidate_number",
        text_column("plan_id", 16),
        text_column("person_id", 16),
        whole("number"),
        moment("given_at"),
        sa.CheckConstraint("number >= 1", name=op.f("ck_exam_candidate_number_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_exam_candidate_number_person_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_exam_candidate_number_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "person_id", name=op.f("pk_exam_candidate_number")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_exam_candidate_number_plan_id_number")),
    )
    # Said as both databases understand it: SQLite adds a column with its constraints, but no constraint alone.
    for table, check in (("exam_measure", ALONE), ("exam_message", "")):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN room_id VARCHAR(16)"
            f" CONSTRAINT fk_{table}_room_id REFERENCES exam_room (id){check}"
        )


def downgrade() -> None:
    for table in ("exam_measure", "exam_message"):
        with op.batch_alter_table(table) as altered:
            altered.drop_column("room_id")
    for table in reversed(TABLES):
        op.drop_table(table)
