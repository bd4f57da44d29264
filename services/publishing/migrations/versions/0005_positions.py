"""A fact's position stands beside its row, so that a told fact is written once."""

from alembic import op
from alembic.operations import Operations

from shared.runtime import schema

revision = "0005_positions"
down_revision = "0004_desk_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.separate_positions(Operations(op.get_context()))


def downgrade() -> None:
    schema.join_positions(Operations(op.get_context()))
