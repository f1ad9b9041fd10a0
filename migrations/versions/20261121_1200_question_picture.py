"""The pictures of questions, each tied to the wordings that show it."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1200"
down_revision = "20261121_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_picture",
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("picture_key", sa.String(length=64), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('image/png', 'image/jpeg')", name=op.f("ck_question_picture_media_type")
        ),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_question_picture_size")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["question_version.id"],
            name=op.f("fk_question_picture_version_id_question_version"),
        ),
        sa.PrimaryKeyConstraint("version_id", "picture_key", name=op.f("pk_question_picture")),
    )
    op.create_index("ix_question_picture_key", "question_picture", ["picture_key"], unique=False)
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER question_picture_no_{verb.lower()} BEFORE {verb} ON question_picture "
                "BEGIN SELECT RAISE(ABORT, 'question_picture is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER question_picture_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON question_picture "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("question_picture")
