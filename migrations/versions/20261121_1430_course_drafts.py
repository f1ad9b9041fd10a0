"""Courses made in the browser: drafts with their videos, and what stands beside a lesson's video."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1430"
down_revision = "20261121_1410"
branch_labels = None
depends_on = None


def media() -> list[sa.Column]:
    return [
        sa.Column("low_key", sa.String(length=64), nullable=True),
        sa.Column("low_bytes", sa.Integer(), nullable=True),
        sa.Column("poster_key", sa.String(length=64), nullable=True),
        sa.Column("captions_key", sa.String(length=64), nullable=True),
        sa.Column("chapters", sa.Text(), nullable=False, server_default="[]"),
    ]


def upgrade() -> None:
    for column in media():
        op.add_column("lesson", column)
    op.create_table(
        "course_draft",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("copied_from", sa.String(length=16), nullable=True),
        sa.Column("course_id", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'discarded')", name=op.f("ck_course_draft_state")
        ),
        sa.CheckConstraint(
            "(state = 'published') = (course_id IS NOT NULL)",
            name=op.f("ck_course_draft_published_has_course"),
        ),
        sa.ForeignKeyConstraint(
            ["copied_from"], ["course.id"], name=op.f("fk_course_draft_copied_from_course")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_draft_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_draft")),
        sa.UniqueConstraint("course_id", name=op.f("uq_course_draft_course_id")),
    )
    op.create_index("ix_course_draft_state", "course_draft", ["state", "created_at"])
    op.create_table(
        "draft_lesson",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("draft_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("upload_key", sa.String(length=64), nullable=True),
        sa.Column("upload_name", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.String(length=16), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        *media(),
        sa.CheckConstraint(
            "state IN ('empty', 'waiting', 'ready', 'refused')", name=op.f("ck_draft_lesson_state")
        ),
        sa.CheckConstraint(
            "state <> 'ready' OR (file_key IS NOT NULL AND size_bytes > 0 AND duration_ms >= 1000)",
            name=op.f("ck_draft_lesson_ready_has_video"),
        ),
        sa.CheckConstraint(
            "state <> 'waiting' OR (upload_key IS NOT NULL AND asked_at IS NOT NULL)",
            name=op.f("ck_draft_lesson_waiting_has_file"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 1000", name=op.f("ck_draft_lesson_progress")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["course_draft.id"], name=op.f("fk_draft_lesson_draft_id_course_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_lesson")),
        sa.UniqueConstraint("draft_id", "position", name=op.f("uq_draft_lesson_draft_id_position")),
    )
    op.create_table(
        "handout",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("draft_lesson_id", sa.String(length=16), nullable=True),
        sa.Column("lesson_id", sa.String(length=16), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(draft_lesson_id IS NULL) <> (lesson_id IS NULL)", name=op.f("ck_handout_of_one_lesson")
        ),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_handout_has_bytes")),
        sa.ForeignKeyConstraint(
            ["draft_lesson_id"], ["draft_lesson.id"], name=op.f("fk_handout_draft_lesson_id_draft_lesson")
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_handout_lesson_id_lesson")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handout")),
    )
    op.create_index("ix_handout_draft_lesson", "handout", ["draft_lesson_id"])
    op.create_index("ix_handout_lesson", "handout", ["lesson_id"])


def downgrade() -> None:
    op.drop_table("handout")
    op.drop_table("draft_lesson")
    op.drop_table("course_draft")
    for name in ("low_key", "low_bytes", "poster_key", "captions_key", "chapters"):
        op.drop_column("lesson", name)
