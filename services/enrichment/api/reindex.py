"""Reading articles again after a change of the enricher or the vocabulary: ask for a set, watch it shrink."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage import rereading
from services.enrichment.use_cases.enricher import Enricher
from shared.events import Role
from shared.runtime import DoorRouter, Reading, Tx, allow, part, utc_now

router = DoorRouter(tags=["reindex"])
Reader = Annotated[Enricher, part(Enricher)]


class Reindex(BaseModel):
    """Which articles to read again. `outdated`: only those that another version read. `dry_run`: only count them."""

    outdated: bool = True
    language: str | None = None
    section: str | None = None
    since: AwareDatetime | None = None
    dry_run: bool = False


class Changes(BaseModel):
    """What the latest reindex has read, and how often it changed what: articles, tags, section, language, story."""

    reindex: int
    asked_at: datetime
    enricher: str
    matched: int
    read: int
    changes: dict[str, int]
    latest_at: datetime | None


class Progress(BaseModel):
    """How many articles wait, how many a replica takes in a second, and so how long one replica needs."""

    matched: int | None = None
    waiting: int
    rate: int
    seconds_left: int
    enricher: str
    latest: Changes | None = None


@router.post("/v1/reindex", status_code=202, dependencies=[allow(Role.OPERATOR, Role.CHIEF)])
async def reindex(body: Reindex, tx: Tx, enricher: Reader) -> Progress:
    """Put a set of articles on the list. It survives restarts, all replicas take from it, asking twice adds nothing."""
    since: datetime | None = body.since
    given: dict[str, Any] = {
        "enricher": enricher.version if body.outdated else None, "language": body.language,
        "section": body.section, "since": since,
    }  # fmt: skip
    matched = await rereading.count_set(tx.session, given)
    if not body.dry_run:
        await rereading.ask_set(tx.session, given, matched, enricher.version, "A reindex was asked for.", utc_now())
    return await _progress(tx.session, enricher, matched)


@router.get("/v1/reindex", dependencies=[allow(Role.OPERATOR, Role.EDITOR)])
async def progress(session: Reading, enricher: Reader) -> Progress:
    """How far it is, and what the latest one changed so far."""
    return await _progress(session, enricher, None)


async def _progress(session: AsyncSession, enricher: Enricher, matched: int | None) -> Progress:
    waiting, rate = await rereading.waiting(session), enricher.settings.reread_rate
    row = await rereading.latest_reindex(session)
    latest = None
    if row is not None:
        latest = Changes(
            reindex=row.id or 0, asked_at=row.asked_at, enricher=row.enricher, matched=row.matched, read=row.read,
            changes=row.changes, latest_at=row.latest_at,
        )  # fmt: skip
    return Progress(
        matched=matched, waiting=waiting, rate=rate, seconds_left=-(-waiting // rate), enricher=enricher.version,
        latest=latest,
    )  # fmt: skip
