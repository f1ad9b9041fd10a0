"""Plans say until when somebody may still begin or sit, when time was added beyond their exam window."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_0700"
down_revision = "20261123_0400"
branch_labels = None
depends_on = None

_PROLONGED = op.f("ck_plan_prolonged")
_WHO_SITS_LONGER = """
UPDATE plan SET exam_prolonged_until = (
    SELECT MAX(attempt.deadline_at) FROM attempt
    WHERE attempt.plan_id = plan.id AND attempt.state = 'in_progress'
)
WHERE exam_until < (
    SELECT MAX(attempt.deadline_at) FROM attempt
    WHERE attempt.plan_id = plan.id AND attempt.state = 'in_progress'
)
"""


def upgrade() -> None:
    with op.batch_alter_table("plan") as plan:
        plan.add_column(sa.Column("exam_prolonged_until", sa.BigInteger(), nullable=True))
        plan.create_check_constraint(_PROLONGED, "exam_prolonged_until > exam_until")
    op.execute(_WHO_SITS_LONGER)


def downgrade() -> None:
    with op.batch_alter_table("plan") as plan:
        plan.drop_constraint(_PROLONGED)
        plan.drop_column("exam_prolonged_until")
