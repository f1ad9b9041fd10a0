"""${message}

The law of migrations:
- Expand first, contract in a later release: the code of the release before must run on this schema.
- A new column is nullable or has a server default; a constraint on a big table is added in two steps.
- No import from `lms`: a migration says what was true on its day. Data moves in batches, safe to repeat.
- Everything happens inside the one transaction that env.py opens; nothing here commits.
- File name: YYYYMMDD_HHMM_<what>.py. Both databases; test with `script/test tests/house/test_migrations.py`.
"""

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
