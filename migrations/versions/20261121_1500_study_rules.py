"""What a plan says of the player, and what a lesson asks for: skipping, speed, daily limit, minimum, stops."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1500"
down_revision = "20261121_1430"
branch_labels = None
depends_on = None


def whole(name: str, default: int = 0) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=str(default))


def may_skip_ahead() -> sa.Column:
    return sa.Column("may_skip_ahead", sa.Boolean(), nullable=False, server_default=sa.true())


def upgrade() -> None:
    with op.batch_alter_table("plan") as plan:
        plan.add_column(may_skip_ahead())
        plan.add_column(whole("top_speed_percent", 100))
        plan.add_column(whole("daily_limit_seconds"))
        plan.create_check_constraint(
            op.f("ck_plan_player_bounds"),
            "top_speed_percent BETWEEN 100 AND 200 AND daily_limit_seconds >= 0",
        )
    with op.batch_alter_table("lesson") as lesson:
        lesson.add_column(whole("min_seconds"))
        lesson.add_column(sa.Column("stop_at", sa.Integer(), nullable=True))
        lesson.create_check_constraint(
            op.f("ck_lesson_minimum_fits"), "min_seconds >= 0 AND min_seconds * 1000 <= duration_ms"
        )
    with op.batch_alter_table("study_progress") as progress:
        progress.add_column(whole("reserved_seconds"))
        progress.add_column(whole("day"))
        progress.add_column(whole("day_seconds"))
        progress.create_check_constraint(
            op.f("ck_study_progress_no_negative_share"), "reserved_seconds >= 0 AND day_seconds >= 0"
        )
    op.add_column("study_session", may_skip_ahead())
    op.add_column("study_session", whole("daily_limit_seconds"))
    op.add_column("lesson_coverage", whole("reached"))
    op.add_column("lesson_coverage", sa.Column("stop_at", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("lesson_coverage") as coverage:
        coverage.drop_column("stop_at")
        coverage.drop_column("reached")
    with op.batch_alter_table("study_session") as session:
        session.drop_column("daily_limit_seconds")
        session.drop_column("may_skip_ahead")
    with op.batch_alter_table("study_progress") as progress:
        progress.drop_constraint(op.f("ck_study_progress_no_negative_share"))
        for name in ("day_seconds", "day", "reserved_seconds"):
            progress.drop_column(name)
    with op.batch_alter_table("lesson") as lesson:
        lesson.drop_constraint(op.f("ck_lesson_minimum_fits"))
        lesson.drop_column("stop_at")
        lesson.drop_column("min_seconds")
    with op.batch_alter_table("plan") as plan:
        plan.drop_constraint(op.f("ck_plan_player_bounds"))
        for name in ("daily_limit_seconds", "top_speed_percent", "may_skip_ahead"):
            plan.drop_column(name)
