"""Fingerprints stand in blocks, not in an inverted index; of a row only what is compared is kept, its tags as lines.

Every row is written anew, some two minutes for a million articles on two cores: stop the service meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prints",
        sa.Column("print", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("print", "number"),
    )
    op.create_table(
        "print_blocks",
        sa.Column("half", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("half", "block"),
    )
    op.execute("""
        INSERT INTO print_blocks (half, block, held)
        SELECT half, min(number), string_agg(int4send(number) || int2send(upper), '' ORDER BY number) FROM (
            SELECT number, CAST((print & 65535) - 32768 AS smallint) AS half, CAST(print >> 16 AS smallint) AS upper,
                (row_number() OVER (PARTITION BY print & 65535 ORDER BY number) - 1) / 64 AS part
            FROM (SELECT number, unnest(fingerprints[1:12]) AS print FROM articles) AS each
        ) AS placed
        GROUP BY half, part
    """)
    op.drop_index("articles_marks", "articles")
    op.execute("""
        CREATE FUNCTION pg_temp.halves(prints integer[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
            SELECT coalesce(string_agg(substr(int4send(print), 3), '' ORDER BY at), '')
            FROM unnest(prints) WITH ORDINALITY AS each(print, at)
        $$
    """)
    op.execute("""
        ALTER TABLE articles
            ALTER COLUMN fingerprints DROP DEFAULT, ALTER COLUMN tags DROP DEFAULT,
            ALTER COLUMN fingerprints TYPE bytea USING pg_temp.halves(fingerprints),
            ALTER COLUMN tags TYPE text USING array_to_string(tags, E'\\n'),
            ALTER COLUMN fingerprints SET DEFAULT '', ALTER COLUMN tags SET DEFAULT '',
            DROP COLUMN shingles
    """)
    op.alter_column("articles", "fingerprints", new_column_name="sample")


def downgrade() -> None:
    """Of each article the twelve fingerprints that are listed; its others are lost until it is read again."""
    op.add_column("articles", sa.Column("shingles", sa.Integer(), server_default="0", nullable=False))
    op.add_column("articles", sa.Column("fingerprints", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False))
    op.execute("""
        UPDATE articles SET fingerprints = listed.prints FROM (
            SELECT number, array_agg(DISTINCT print ORDER BY print) AS prints FROM (
                SELECT number, print FROM prints
                UNION ALL
                SELECT ('x' || encode(substr(held, at, 4), 'hex'))::bit(32)::int,
                    ('x' || encode(substr(held, at + 4, 2), 'hex'))::bit(16)::int << 16 | (half + 32768)
                FROM print_blocks, generate_series(1, octet_length(held), 6) AS at
            ) AS each
            GROUP BY number
        ) AS listed
        WHERE listed.number = articles.number AND sample <> ''
    """)
    op.execute("""
        ALTER TABLE articles DROP COLUMN sample, ALTER COLUMN tags DROP DEFAULT,
            ALTER COLUMN tags TYPE text[] USING string_to_array(tags, E'\\n'), ALTER COLUMN tags SET DEFAULT '{}'
    """)
    op.create_index(
        "articles_marks",
        "articles",
        [sa.text("(fingerprints[1:12])")],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_table("print_blocks")
    op.drop_table("prints")
