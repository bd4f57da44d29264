"""WebSub (W3C Recommendation): asking hubs to push, checking what they push, renewing before the lease ends."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog

from services.ingest.settings import Settings
from services.ingest.storage import Source, sources
from shared.runtime import Database, utc_now
from shared.runtime.outbound import OutboundError, OutboundRefused, SafeClient

log = structlog.get_logger()
_RENEWED_AFTER = 0.8  # of a lease
_SOONEST = timedelta(minutes=10)  # a hub that leases for seconds is not asked every minute; polling is the net
_LONGEST_LEASE = timedelta(days=30)
_LEASE = timedelta(days=7)
_ASK_AGAIN = timedelta(hours=1)
_MOST_AT_ONCE = 10
_METHODS = {"sha1", "sha256", "sha384", "sha512"}


async def renew(database: Database, client: SafeClient, settings: Settings) -> None:
    """Ask the hubs of sources whose subscription is missing or about to end."""
    if settings.callback_url is None:
        return
    now = utc_now()
    async with database.transaction() as tx:
        due = await sources.hubs_due(tx.session, now, _MOST_AT_ONCE)
        for source in due:
            source.hub_secret = source.hub_secret or secrets.token_urlsafe(32)
            running = source.hub_state == "subscribed" and source.hub_until is not None and source.hub_until > now
            state = "subscribed" if running else "asked"  # a lease runs on while its renewal is asked for
            values = {"hub_secret": source.hub_secret, "hub_state": state, "hub_renew_at": now + _ASK_AGAIN}
            await sources.change(tx.session, source.id, values)
    for source in due:
        await _ask(database, client, settings, source)


async def _ask(database: Database, client: SafeClient, settings: Settings, source: Source) -> None:
    form = {
        "hub.callback": f"{(settings.callback_url or '').rstrip('/')}/v1/websub/{source.id}",
        "hub.mode": "subscribe",
        "hub.topic": source.topic or source.url or "",
        "hub.secret": source.hub_secret or "",
        "hub.lease_seconds": str(int(_LEASE.total_seconds())),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = await client.post(source.hub or "", content=urlencode(form).encode(), headers=headers)
    except OutboundError as error:
        state = "refused" if isinstance(error, OutboundRefused) else "unreachable"
        log.info("hub not asked", source=source.name, cause=error.code)
    else:
        state = "asked" if answer.is_success else "refused" if 400 <= answer.status_code < 500 else "unreachable"
    if state == "refused" or (state == "unreachable" and source.hub_state != "subscribed"):
        async with database.transaction() as tx:
            await sources.change(tx.session, source.id, {"hub_state": state})


def confirmed(now: datetime, seconds: int) -> dict[str, Any]:
    """What a hub's confirmation of a lease changes."""
    lease = min(timedelta(seconds=seconds), _LONGEST_LEASE)
    renew_at = now + max(lease * _RENEWED_AFTER, _SOONEST)
    return {"hub_state": "subscribed", "hub_until": now + lease, "hub_renew_at": renew_at}


def is_meant(source: Source, topic: str | None) -> bool:
    """Whether a hub's question is about what we asked for."""
    return source.hub is not None and topic is not None and topic in (source.topic, source.url)


def is_signed(source: Source, content: bytes, signature: str | None) -> bool:
    """Whether `X-Hub-Signature` (`method=hex`) was made with the secret we gave the hub."""
    method, _, digest = (signature or "").partition("=")
    if source.hub_secret is None or method.lower() not in _METHODS:
        return False
    expected = hmac.new(source.hub_secret.encode(), content, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected, digest.strip().lower())
