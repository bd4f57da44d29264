"""The facts' door: comments arrive, are reported, and threads open and close."""

from services.moderation.storage import comments, people
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.receiving import receive
from services.moderation.use_cases.reporting import take_report
from shared.events import ArticleKilled, CommentModerated, CommentReported, CommentSubmitted, Publication, ThreadChanged
from shared.runtime import AsyncSession, Handlers, utc_now

events = Handlers("moderation")


@events.on(CommentSubmitted)
async def moderate_comments(
    submitted: list[CommentSubmitted], session: AsyncSession, court: Court
) -> list[CommentModerated]:
    """Decide on each comment that is new or newer than what is known."""
    return await receive(session, submitted, court, utc_now())


@events.on(CommentReported)
async def note_report(report: CommentReported, session: AsyncSession, court: Court) -> list[CommentModerated]:
    """Weigh a reader's report, and look again when enough of them weigh enough."""
    return await take_report(session, report, court, utc_now())


@events.on(ThreadChanged)
async def follow_thread(change: ThreadChanged, session: AsyncSession) -> None:
    """Open or close a thread; what the machine decided there is decided again."""
    if await people.keep_thread(session, change.article_id, change.revision, change.open, change.mode):
        await comments.ask_again(session, article_id=change.article_id)


@events.on(Publication)
async def close_killed_thread(publication: Publication, session: AsyncSession) -> None:
    """A killed story takes its thread with it."""
    if isinstance(publication, ArticleKilled) and await people.kill_thread(session, publication.article_id):
        await comments.ask_again(session, article_id=publication.article_id)
