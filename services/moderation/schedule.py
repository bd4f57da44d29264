"""The clock's door: what the machine decided is decided again when a policy, a thread or an author changed."""

from services.moderation.settings import Settings
from services.moderation.storage import comments
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.receiving import decide_again
from shared.runtime import Clock, Database, utc_now

clock = Clock()


@clock.every(seconds=1)
async def decide_what_is_due(database: Database, court: Court, settings: Settings) -> bool:
    """Decide a batch of comments that wait for another decision; True while more may wait."""
    async with database.transaction() as tx:
        now = utc_now()
        due = await comments.due(tx.session, now, settings.redecide_batch)
        tx.tell(*await decide_again(tx.session, due, court, now))
    return len(due) == settings.redecide_batch
