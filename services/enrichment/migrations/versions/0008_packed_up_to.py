"""How far postings are packed is written down; search words, which do not shrink, are stored as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO packed (id, upto) SELECT 1, coalesce((SELECT min(number) - 1 FROM postings), max(number), 0) "
        "FROM articles"
    )
    for table in ("texts", "pages"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN words SET STORAGE EXTERNAL")


def downgrade() -> None:
    for table in ("texts", "pages"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN words SET STORAGE EXTENDED")
    op.drop_table("packed")
