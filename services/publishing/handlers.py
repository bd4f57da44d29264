"""The facts' door: what publishing hears and what it tells of it."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.settings import Settings
from services.publishing.use_cases import intake, understanding, verdicts
from shared.events import ArticleEnriched, ArticleIngested, ArticleWithdrawn, CommentModerated, Event
from shared.runtime import Handlers, utc_now

events = Handlers("publishing")


@events.on(ArticleIngested)
async def draft_articles(batch: list[ArticleIngested], session: AsyncSession, settings: Settings) -> list[Event]:
    """Put what sources bring on the desk, and let out what may leave on its own."""
    return [*await intake.take_in(session, batch, settings, utc_now())]


@events.on(ArticleEnriched)
async def tag_articles(batch: list[ArticleEnriched], session: AsyncSession, settings: Settings) -> list[Event]:
    """Give drafts and public articles their tags and related stories."""
    return [*await understanding.take_understanding(session, batch, settings, utc_now())]


@events.on(ArticleWithdrawn)
async def hold_withdrawn(article: ArticleWithdrawn, session: AsyncSession) -> list[Event]:
    """Hold what its source took back."""
    return await intake.withdraw(session, article, utc_now())


@events.on(CommentModerated)
async def show_comments(batch: list[CommentModerated], session: AsyncSession) -> list[Event]:
    """Show what was approved, and remove what is no longer."""
    return [*await verdicts.take_verdicts(session, batch, utc_now())]
