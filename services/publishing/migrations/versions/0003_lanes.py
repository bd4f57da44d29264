"""A lane says when it is due, and a follower up to where it has news: neither is guessed from other rows any more."""

import sqlalchemy as sa
from alembic import op

revision = "0003_lanes"
down_revision = "0002"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE subscriptions SET due_at = now()")  # one look each; a lane without work then says so
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index("ix_deliveries_due", "deliveries")
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["subscription_id", "due_at", "position"],
        unique=False,
        postgresql_where=_WAITING,
    )
    op.create_index(
        "ix_deliveries_done", "deliveries", ["created_at"], unique=False, postgresql_where=sa.text("state <> 'waiting'")
    )
    op.add_column("followers", sa.Column("news_position", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE followers SET news_position = pushed_position")
    op.alter_column("followers", "news_position", server_default=None)


def downgrade() -> None:
    op.drop_column("followers", "news_position")
    op.drop_index("ix_deliveries_done", "deliveries")
    op.drop_index("ix_deliveries_due", "deliveries")
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"], unique=False, postgresql_where=_WAITING)
    op.drop_index("ix_subscriptions_due", "subscriptions")
    op.drop_column("subscriptions", "due_at")
