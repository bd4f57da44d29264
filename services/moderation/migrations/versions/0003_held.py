"""What a moderator holds is found without reading every comment."""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("comments_held", "comments", ["lease_by"], postgresql_where=text("lease_by IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("comments_held", "comments")
