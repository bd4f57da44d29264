"""Postings and prints of new articles need no key: to look for one that is there already cost half of entering it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = {"postings": "term", "prints": "print"}


def upgrade() -> None:
    for table, key in _TABLES.items():
        op.drop_constraint(f"{table}_pkey", table)
        op.create_index(f"{table}_{key}", table, [key, "number"])


def downgrade() -> None:
    for table, key in _TABLES.items():
        op.execute(
            f"DELETE FROM {table} AS one USING {table} AS other WHERE one.{key} = other.{key} "  # noqa: S608  # constants
            "AND one.number = other.number AND one.ctid > other.ctid"
        )
        op.drop_index(f"{table}_{key}", table)
        op.create_primary_key(f"{table}_pkey", table, [key, "number"])
