"""One delivery as a signed request: the entry as the log has it, the signatures of this moment, what came of it."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.publishing.outlets import attempts, signatures
from services.publishing.outlets.attempts import Outcome
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import STREAM, Hub
from services.publishing.storage.deliveries import Delivery
from services.publishing.storage.subscriptions import Subscription
from shared.runtime.database import Database
from shared.runtime.log import read_log
from shared.runtime.outbound import OutboundError


class Answer(Protocol):
    """What a receiver said."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Any: ...


class Post(Protocol):
    """Sends one request and follows no redirect. Raises OutboundError."""

    async def __call__(
        self, url: str, *, content: bytes, headers: dict[str, str], seconds: float, keep: int
    ) -> Answer: ...


async def bodies_of(database: Database, hub: Hub, due: Sequence[Delivery], *, thin: bool) -> dict[UUID, bytes]:
    """Each delivery's body: the entry as the log has it, so that it is the same at every attempt."""
    positions = [delivery.position for delivery in due if delivery.body is None]
    frames: dict[int, Frame] = {}
    if positions:
        first, last = min(positions), max(positions)
        if last - first < 1000 and last <= hub.head:
            frames = {frame.position: frame for frame in await hub.read(first - 1, last - first + 1)}
        else:  # far apart, or routed by a replica that is further than we are
            async with database.reading() as session:
                for position in positions:
                    for entry in await read_log(session, STREAM, position - 1, 1):
                        frames[entry.position] = Frame.of(entry)
    return {d.id: d.body.encode() if d.body is not None else _payload(frames[d.position], thin=thin) for d in due}


async def send(post: Post, row: Subscription, delivery: Delivery, body: bytes, now: datetime) -> Outcome:
    """Make one attempt, signed now with all secrets in force."""
    began = time.monotonic()
    secrets = [row.secret]
    if row.old_secret and row.old_secret_until and row.old_secret_until > now:
        secrets.append(row.old_secret)
    keys = signatures.Keys(secrets, row.private_key)
    signed = signatures.headers(keys, delivery.event_id, int(now.timestamp()), body)
    headers = {"content-type": "application/cloudevents+json", **signed}
    try:
        answer = await post(row.url, content=body, headers=headers, seconds=attempts.SECONDS, keep=attempts.ANSWER)
    except OutboundError as error:
        return Outcome(error=f"{error.code}: {error}", milliseconds=_since(began))
    retry_after = answer.headers.get("retry-after")
    return Outcome(answer.status_code, retry_after=retry_after, milliseconds=_since(began))


def _payload(frame: Frame, *, thin: bool) -> bytes:
    return frame.thin if thin else frame.event


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
