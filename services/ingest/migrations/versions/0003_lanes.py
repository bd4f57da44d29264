"""Sources that are new, that fail or are slow get lanes of their own; what a feed asks for outlasts its 304s."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
_WHERE = sa.text("status = 'active' AND kind <> 'push'")


def upgrade() -> None:
    op.add_column("sources", sa.Column("lane", sa.Text(), nullable=False, server_default="new"))
    op.add_column("sources", sa.Column("ttl_minutes", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("skip_hours", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("sources", sa.Column("hub_renew_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE sources SET lane = CASE WHEN failures > 0 THEN 'slow' ELSE 'quick' END")
    op.drop_index("sources_due", table_name="sources")
    op.create_index("sources_due", "sources", ["lane", "next_at"], postgresql_where=_WHERE)


def downgrade() -> None:
    op.drop_index("sources_due", table_name="sources")
    op.create_index("sources_due", "sources", ["next_at"], postgresql_where=_WHERE)
    for name in ("hub_renew_at", "skip_hours", "ttl_minutes", "lane"):
        op.drop_column("sources", name)
