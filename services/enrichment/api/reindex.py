"""Reading articles again after a change of the enricher or the vocabulary: ask for a set, watch it shrink."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel

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


class Progress(BaseModel):
    """How many articles wait, how many a replica takes in a second, and so how long one replica needs."""

    matched: int | None = None
    waiting: int
    rate: int
    seconds_left: int
    enricher: str


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
        await rereading.ask_set(tx.session, given, "A reindex was asked for.", utc_now())
    return _progress(await rereading.waiting(tx.session), enricher, matched)


@router.get("/v1/reindex", dependencies=[allow(Role.OPERATOR, Role.EDITOR)])
async def progress(session: Reading, enricher: Reader) -> Progress:
    """How far it is."""
    return _progress(await rereading.waiting(session), enricher, None)


def _progress(waiting: int, enricher: Enricher, matched: int | None) -> Progress:
    rate = enricher.settings.reread_rate
    return Progress(
        matched=matched, waiting=waiting, rate=rate, seconds_left=-(-waiting // rate), enricher=enricher.version
    )
