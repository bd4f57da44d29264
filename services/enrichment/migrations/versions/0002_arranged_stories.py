"""Stories that a person merged or split stay as they were arranged; half the fingerprints are indexed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stories", sa.Column("arranged", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("articles_fingerprints", "articles")
    _index("articles_marks", sa.text("(fingerprints[1:12])"))


def downgrade() -> None:
    op.drop_index("articles_marks", "articles")
    _index("articles_fingerprints", sa.text("fingerprints"))
    op.drop_column("stories", "arranged")


def _index(name: str, over: sa.TextClause) -> None:
    op.create_index(name, "articles", [over], postgresql_using="gin", postgresql_with={"fastupdate": "off"})
