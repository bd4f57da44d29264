"""Publishing begins: the desk, what readers see, comments, rules, the audit."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from shared.runtime import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.create(Operations(op.get_context()))
    op.create_table(
        "articles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words_of", sa.Integer(), nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("outlet", sa.String(), nullable=True),
        sa.Column("wire", sa.String(), nullable=True),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("desk", sa.String(), nullable=True),
        sa.Column("embargoed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follows", sa.Uuid(), nullable=True),
        sa.Column("translation_of", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("source_name", sa.String(), nullable=True),
        sa.Column("trust", sa.String(), nullable=False),
        sa.Column("source_revision", sa.Integer(), nullable=False),
        sa.Column("taken_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.String(), nullable=True),
        sa.Column("waiting_for", sa.String(), nullable=True),
        sa.Column("public_revision", sa.Integer(), nullable=True),
        sa.Column("public_words", sa.Integer(), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lock_by", sa.String(), nullable=True),
        sa.Column("lock_name", sa.String(), nullable=True),
        sa.Column("lock_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index(
        "ix_articles_follows", "articles", ["follows"], unique=False, postgresql_where=sa.text("follows IS NOT NULL")
    )
    op.create_index(
        "ix_articles_list",
        "articles",
        [sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_articles_state",
        "articles",
        ["state", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_articles_translation_of",
        "articles",
        ["translation_of"],
        unique=False,
        postgresql_where=sa.text("translation_of IS NOT NULL"),
    )
    op.create_index(
        "ix_articles_words",
        "articles",
        [
            sa.literal_column(
                "to_tsvector('simple'::regconfig, (headline::text || ' '::text)"
                " || left(COALESCE(content ->> 'body_html'::text, ''::text), 200000))"
            )
        ],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_by_id"), "audit", ["by_id"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "autosaves",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "by_id"),
    )
    op.create_table(
        "bulk_items",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_index(
        "ix_bulk_items_waiting", "bulk_items", ["job_id"], unique=False, postgresql_where=sa.text("answer IS NULL")
    )
    op.create_table(
        "bulk_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("order", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("reply_to", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_comments_author",
        "comments",
        ["author_id", sa.literal_column("submitted_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_comments_shown",
        "comments",
        ["article_id", "submitted_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'shown'"),
    )
    op.create_table(
        "desk_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_desk_changes_at"), "desk_changes", ["at"], unique=False)
    op.create_table(
        "desk_sessions",
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("secret_sha256"),
    )
    op.create_index(op.f("ix_desk_sessions_expires_at"), "desk_sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_desk_sessions_user_id"), "desk_sessions", ["user_id"], unique=False)
    op.create_table(
        "due",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("correction", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("back_to", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_index(op.f("ix_due_due_at"), "due", ["due_at"], unique=False)
    op.create_table(
        "enrichments",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("enriched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("understood", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_table(
        "public_articles",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("gone", sa.String(), nullable=True),
        sa.Column("gone_reason", sa.String(), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("outlet", sa.String(), nullable=True),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("article", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("related", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("related_by", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pictures_expire_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("article_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index(
        op.f("ix_public_articles_first_published_at"), "public_articles", ["first_published_at"], unique=False
    )
    op.create_index(op.f("ix_public_articles_gone_at"), "public_articles", ["gone_at"], unique=False)
    op.create_index(
        op.f("ix_public_articles_pictures_expire_at"), "public_articles", ["pictures_expire_at"], unique=False
    )
    op.create_table(
        "public_shelves",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", "first_published_at", "article_id"),
    )
    op.create_index(op.f("ix_public_shelves_article_id"), "public_shelves", ["article_id"], unique=False)
    op.create_table(
        "recipients",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kill_acked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("article_id", "kind", "consumer"),
    )
    op.create_table(
        "reports",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "reporter_id"),
    )
    op.create_table(
        "revisions",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("words_of", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "number"),
    )
    op.create_table(
        "rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "source_versions",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "revision"),
    )
    op.create_table(
        "threads",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("users")
    op.drop_table("threads")
    op.drop_table("source_versions")
    op.drop_table("rules")
    op.drop_table("revisions")
    op.drop_table("reports")
    op.drop_table("recipients")
    op.drop_index(op.f("ix_public_shelves_article_id"), table_name="public_shelves")
    op.drop_table("public_shelves")
    op.drop_index(op.f("ix_public_articles_pictures_expire_at"), table_name="public_articles")
    op.drop_index(op.f("ix_public_articles_gone_at"), table_name="public_articles")
    op.drop_index(op.f("ix_public_articles_first_published_at"), table_name="public_articles")
    op.drop_table("public_articles")
    op.drop_table("enrichments")
    op.drop_index(op.f("ix_due_due_at"), table_name="due")
    op.drop_table("due")
    op.drop_index(op.f("ix_desk_sessions_user_id"), table_name="desk_sessions")
    op.drop_index(op.f("ix_desk_sessions_expires_at"), table_name="desk_sessions")
    op.drop_table("desk_sessions")
    op.drop_index(op.f("ix_desk_changes_at"), table_name="desk_changes")
    op.drop_table("desk_changes")
    op.drop_index("ix_comments_shown", table_name="comments", postgresql_where=sa.text("state = 'shown'"))
    op.drop_index("ix_comments_author", table_name="comments")
    op.drop_table("comments")
    op.drop_table("bulk_jobs")
    op.drop_table("bulk_items")
    op.drop_table("autosaves")
    op.drop_index(op.f("ix_audit_subject"), table_name="audit")
    op.drop_index(op.f("ix_audit_by_id"), table_name="audit")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_index("ix_articles_words", table_name="articles", postgresql_using="gin")
    op.drop_index(
        "ix_articles_translation_of", table_name="articles", postgresql_where=sa.text("translation_of IS NOT NULL")
    )
    op.drop_index("ix_articles_state", table_name="articles")
    op.drop_index("ix_articles_list", table_name="articles")
    op.drop_index("ix_articles_follows", table_name="articles", postgresql_where=sa.text("follows IS NOT NULL"))
    op.drop_table("articles")
    schema.drop(Operations(op.get_context()))
