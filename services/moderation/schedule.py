"""The clock's door: deciding what waits, asking scorers outside, keeping the learners."""

import asyncio
from datetime import timedelta

from services.moderation.settings import Settings
from services.moderation.storage import comments
from services.moderation.use_cases.context import context_of
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.receiving import decide_again
from shared.runtime import Clock, Database, Transaction, utc_now

clock = Clock()
#: What the clock decides a second while a flood comes in.
_LITTLE = 20
_MANY = 1000


@clock.every(seconds=1)
async def decide_what_is_due(database: Database, court: Court, settings: Settings) -> bool:
    """Decide a batch that waits; True while more may wait. Scorers outside are asked between transactions."""
    if court.scorers.all:
        return await _ask_and_decide(database, court, settings)
    now = utc_now()
    most = settings.redecide_batch if now > court.put_off_until else _LITTLE
    async with database.transaction() as tx:
        due = await comments.due(tx.session, now, most)
        tx.tell(*await decide_again(tx.session, due, court, now))
    return len(due) == settings.redecide_batch


async def _ask_and_decide(database: Database, court: Court, settings: Settings) -> bool:
    async with database.reading() as session:
        due = await comments.due(session, utc_now(), settings.redecide_batch, pending_for=timedelta(), lock=False)
    answers = await asyncio.gather(*(court.scorers.ask(c.text, c.language, context_of(c)) for c in due))
    scores = {comment.id: answer for comment, answer in zip(due, answers, strict=True)}
    async with database.transaction() as tx:
        still = await comments.still_due(tx.session, {comment.id: comment.revision for comment in due})
        tx.tell(*await decide_again(tx.session, still, court, utc_now(), scores))
    return len(due) == settings.redecide_batch


@clock.every(seconds=10)
async def ask_silent_scorers(tx: Transaction, court: Court) -> None:
    """What waits for want of a scorer is decided again: one comment to try while it is silent, then all."""
    if court.scorers.all:
        await comments.ask_silent_again(tx.session, 1 if court.scorers.silent else _MANY)


@clock.every(seconds=60)
async def keep_learners(tx: Transaction, court: Court, settings: Settings) -> None:
    """Store the learners once they learned enough, so that a new process need not begin at the first decision.

    What the machine decided lately, and what waits, is then decided again: the learners know more than they did.
    """
    sitting = await court.sit(tx.session)
    now = utc_now()
    if await court.teacher.store(tx.session, now) and court.teacher.may_decide(sitting.policy.scores):
        await comments.ask_again(tx.session, since=now - timedelta(hours=settings.relearn_hours))
