"""A proposed tag is of the kind that most of its mentions said: by how many more of them than said another."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tags", sa.Column("agreed", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("tags", "agreed")
