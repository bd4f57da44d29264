"""Stories that were merged into one are found without reading all stories."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("stories_merged_into", "stories", ["merged_into"], postgresql_where=merged)


def downgrade() -> None:
    op.drop_index("stories_merged_into", "stories")
