"""The terms of the articles that came lately, read from their rows: nothing is counted in the database."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.features import Features

_NEWEST = text("SELECT coalesce(max(number), 0) FROM articles")

_BETWEEN = text("""
    SELECT language, features FROM articles
    WHERE number > :after AND number <= :newest ORDER BY number
""")


async def newest(session: AsyncSession) -> int:
    """The number of the newest article."""
    return int((await session.execute(_NEWEST)).scalar_one())


async def terms_between(session: AsyncSession, after: int, upto: int) -> list[tuple[str, Features]]:
    """Language and terms of the articles with these numbers, in order.

    One that commits late, with a number that was passed by, is not counted: among thousands nobody will tell.
    """
    asked = {"after": after, "newest": upto}
    return [(row.language, Features(row.features)) for row in await session.execute(_BETWEEN, asked)]
