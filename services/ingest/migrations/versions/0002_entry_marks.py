"""Remember the bytes of the feed entry a story came from, so that it is not parsed again while they stay the same."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("entry_mark", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("articles", "entry_mark")
