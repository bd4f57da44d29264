"""The clock's door: what is due goes out, bulk acts move on, and the desk forgets yesterday's ticker."""

from datetime import timedelta

from services.publishing.settings import Settings
from services.publishing.storage import deliveries, desk, outgoing, users, websub
from services.publishing.use_cases import bulk, leaving
from shared.runtime import Clock, Transaction, utc_now

clock = Clock()
_MANY = 100


@clock.every(seconds=0.25, when=lambda session: outgoing.is_due(session, utc_now()))
async def lift_due(tx: Transaction, settings: Settings) -> bool:
    """Let out schedules, embargoes, undone undos and what waited long enough for its tags; True: more is due."""
    told = await leaving.lift(tx.session, settings, utc_now(), _MANY)
    tx.tell(*told)
    return len(told) == _MANY


@clock.every(seconds=5)
async def expire_pictures(tx: Transaction, settings: Settings) -> bool:
    """Pull pictures whose licence ended; True while more are found."""
    told = await leaving.expire_pictures(tx.session, settings, utc_now())
    tx.tell(*told)
    return len(told) > 0


@clock.every(seconds=0.5, when=desk.bulk_waits)
async def work_on_bulk(tx: Transaction, settings: Settings) -> bool:
    """Do the next articles of bulk acts; True while some wait."""
    done, told = await bulk.work_on_bulk(tx.session, settings, utc_now())
    tx.tell(*told)
    return done > 0


@clock.every(seconds=3600)
async def forget_changes(tx: Transaction) -> None:
    """The desk's live view goes back a day; sessions that ended go."""
    await desk.forget_changes(tx.session, utc_now() - timedelta(days=1))
    await users.forget_sessions(tx.session, utc_now())


@clock.every(seconds=600)
async def forget_deliveries(tx: Transaction, settings: Settings) -> bool:
    """The delivery log of webhooks goes back a month, a lease that ended a day; True while more is older."""
    await websub.forget_followers(tx.session, utc_now() - timedelta(days=1))
    before = utc_now() - timedelta(days=settings.deliveries_kept)
    return await deliveries.forget_deliveries(tx.session, before) > 0
