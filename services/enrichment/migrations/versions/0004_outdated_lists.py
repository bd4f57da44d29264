"""Older articles learn of newer ones: a note for each whose related lists lack one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outdated",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("outdated_due", "outdated", ["due_at"])
    op.create_index("outdated_number", "outdated", ["number"])


def downgrade() -> None:
    op.drop_table("outdated")
