"""Search over drafts reads summary and byline too; tags, holds, offers and embargoes are found without a scan."""

import sqlalchemy as sa
from alembic import op

revision = "0004_desk_search"
down_revision = "0003_lanes"
branch_labels = None
depends_on = None

_NEWEST = [sa.text("updated_at DESC"), sa.text("id DESC")]
_BODY = "left(COALESCE(content ->> 'body_html'::text, ''::text), 200000)"
_BEFORE = f"to_tsvector('simple'::regconfig, (headline::text || ' '::text) || {_BODY})"
_NOW = (
    "to_tsvector('simple'::regconfig, (((((headline::text || ' '::text)"
    " || COALESCE(content ->> 'summary'::text, ''::text)) || ' '::text)"
    " || COALESCE(content ->> 'byline'::text, ''::text)) || ' '::text)"
    f" || {_BODY})"
)
_FEW = {
    "held": "(content ->> 'held'::text) IS NOT NULL",
    "offered": "source_revision > taken_revision",
    "embargoed": "embargoed_until IS NOT NULL",
}


def _words(expression: str) -> None:
    op.drop_index("ix_articles_words", table_name="articles", postgresql_using="gin")
    op.create_index("ix_articles_words", "articles", [sa.text(expression)], unique=False, postgresql_using="gin")


def upgrade() -> None:
    _words(_NOW)
    tags = sa.text("(content -> 'tags_chosen'::text)")
    op.create_index("ix_articles_tags", "articles", [tags], unique=False, postgresql_using="gin")
    for name, condition in _FEW.items():
        op.create_index(f"ix_articles_{name}", "articles", _NEWEST, postgresql_where=sa.text(condition))


def downgrade() -> None:
    for name in ("tags", *_FEW):
        op.drop_index(f"ix_articles_{name}", table_name="articles")
    _words(_BEFORE)
