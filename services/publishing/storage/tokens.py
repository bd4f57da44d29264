"""Tokens as the runtime keeps them in this database too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.tables import tokens


async def list_tokens(session: AsyncSession) -> Sequence[dict[str, Any]]:
    """All tokens by name, without their hashes."""
    columns = [column for column in tokens.c if column.name != "secret_sha256"]
    rows = await session.execute(select(*columns).order_by(tokens.c.name, tokens.c.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping


async def knows_token(session: AsyncSession, token_id: str) -> bool:
    """Whether a token of this id was ever issued."""
    found = await session.execute(select(tokens.c.id).where(tokens.c.id == token_id))
    return found.first() is not None
