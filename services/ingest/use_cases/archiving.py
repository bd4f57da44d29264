"""Keeping documents as they came, compressed, so that a better reader can be replayed over them."""

import asyncio
import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ingest.domain.items import Item
from services.ingest.storage import sources
from services.ingest.use_cases.fetching import Fetched
from shared.runtime import Transaction, new_id

_AT_ONCE = 64 * 1024  # bytes; what is larger is compressed beside the event loop

_LARGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """A document compressed (zlib), as it goes into the archive; `entry` is the feed entry that led to a page."""

    form: str
    url: str
    charset: str | None
    media_type: str
    sha256: str
    content: bytes
    size: int
    entry: Item | None


async def packed(fetched: Fetched, form: str, entry: Item | None = None) -> Packed:
    """Compress a document."""
    if len(fetched.content) > _AT_ONCE:
        return await asyncio.to_thread(_packed, fetched, form, entry)
    return _packed(fetched, form, entry)


async def keep(tx: Transaction, source_id: UUID, document: Packed, now: datetime) -> UUID:
    """Archive a document, once per source and content."""
    entry = document.entry
    return await sources.archive(
        tx.session,
        {
            "id": new_id(),
            "source_id": source_id,
            "form": document.form,
            "url": document.url,
            "charset": document.charset,
            "media_type": document.media_type,
            "entry": entry.model_dump(mode="json", exclude_defaults=True) if entry else None,
            "sha256": document.sha256,
            "content": document.content,
            "size": document.size,
            "at": now,
        },
    )


def _packed(fetched: Fetched, form: str, entry: Item | None) -> Packed:
    content = fetched.content
    level = 6 if len(content) < _LARGE else 1  # what is large is seldom good copy, and must not cost the others much
    digest, small = hashlib.sha256(content).hexdigest(), zlib.compress(content, level)
    return Packed(form, fetched.url, fetched.charset, fetched.media_type, digest, small, len(content), entry)
