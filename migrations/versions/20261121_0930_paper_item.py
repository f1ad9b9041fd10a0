"""Which items stand on which paper, one row each: for exposure, statistics, and finding a bad question again."""

import json

import sqlalchemy as sa
from alembic import op

revision = "20261121_0930"
down_revision = "20261121_0900"
branch_labels = None
depends_on = None

BATCH = 200


def upgrade() -> None:
    op.create_table(
        "paper_item",
        sa.Column("paper_id", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_item_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["question_item.id"], name=op.f("fk_paper_item_item_id_question_item")
        ),
        sa.PrimaryKeyConstraint("paper_id", "item_id", name=op.f("pk_paper_item")),
    )
    op.create_index("ix_paper_item_item", "paper_item", ["item_id"], unique=False)
    op.create_index("ix_paper_item_drawn", "paper_item", ["drawn_at", "item_id"], unique=False)
    _list_items_of_stored_papers()
    _refuse_changes()


def _list_items_of_stored_papers() -> None:
    bind = op.get_bind()
    paper = sa.table("paper", sa.column("id"), sa.column("key"), sa.column("created_at"))
    paper_item = sa.table("paper_item", sa.column("paper_id"), sa.column("item_id"), sa.column("drawn_at"))
    ids = list(bind.scalars(sa.select(paper.c.id).order_by(paper.c.id)))
    for start in range(0, len(ids), BATCH):
        rows = bind.execute(sa.select(paper).where(paper.c.id.in_(ids[start : start + BATCH])))
        listed = [
            {"paper_id": row.id, "item_id": entry["item_id"], "drawn_at": row.created_at}
            for row in rows
            for entry in json.loads(row.key)["entries"]
        ]
        if listed:
            bind.execute(sa.insert(paper_item), listed)


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER paper_item_no_{verb.lower()} BEFORE {verb} ON paper_item "
                "BEGIN SELECT RAISE(ABORT, 'paper_item is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER paper_item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON paper_item "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("paper_item")
