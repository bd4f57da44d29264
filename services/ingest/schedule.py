"""Ingest's clock: sources that are due, hubs to be asked again, what is old enough to go."""

from datetime import timedelta

from services.ingest.settings import Settings
from services.ingest.storage import sources
from services.ingest.use_cases.subscribing import renew
from services.ingest.use_cases.watching import Watch
from shared.runtime import Clock, Database, Transaction, utc_now
from shared.runtime.outbound import SafeClient

clock = Clock()
_PORTION = 500


@clock.every(seconds=1)
async def poll_sources(watch: Watch) -> None:
    """Look at the sources that are due."""
    await watch.turn()


@clock.every(seconds=60)
async def renew_subscriptions(database: Database, client: SafeClient, settings: Settings) -> None:
    """Subscribe where a feed names a hub, and renew before the lease ends."""
    await renew(database, client, settings)


@clock.every(seconds=3600)
async def forget_old_payloads(tx: Transaction, settings: Settings) -> None:
    """Let raw documents and log lines go after their time."""
    await sources.forget_before(tx.session, utc_now() - timedelta(days=settings.keep_payload_days), _PORTION)
