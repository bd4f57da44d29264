"""Conditional answers: an ETag and a date with every body, and 304 for whoever has it already."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from fastapi import Request, Response

#: What such a door says of itself beside its 200.
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "You have this one."}}


def conditional(
    request: Request,
    body: bytes | str,
    media_type: str,
    *,
    status: int = 200,
    modified: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`body` with a strong ETag of its bytes and, where known, Last-Modified; 304 where the asker has just that."""
    content = body.encode() if isinstance(body, str) else body
    # Caches ask each time: what is killed must leave them too.
    sent = {"cache-control": "no-cache", **(headers or {}), "etag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if modified is not None:
        sent["last-modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    if status == 200 and _has_it(request, sent["etag"], modified):
        return Response(status_code=304, headers=sent)
    return Response(content, status_code=status, media_type=media_type, headers=sent)


def _has_it(request: Request, etag: str, modified: datetime | None) -> bool:
    """If-None-Match decides where it is sent (RFC 9110, 13.2.2); If-Modified-Since counts whole seconds."""
    known = request.headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return modified < parsedate_to_datetime(since) + timedelta(seconds=1)
    except (TypeError, ValueError):
        return False
