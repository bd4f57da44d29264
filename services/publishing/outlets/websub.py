"""The WebSub hub (W3C Recommendation, 23 January 2018): who follows a feed is told of its news by a push.

A request to follow is only kept once its callback has confirmed it; a push is the feed itself, signed with the
follower's secret. Nothing is sent inside a transaction.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.slugs import slugify
from services.publishing.outlets import attempts
from services.publishing.outlets.attempts import Outcome
from services.publishing.outlets.background import Background
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.shelves import FORMATS, Address, Document, NoFeed, feed_at
from services.publishing.storage import public, websub
from services.publishing.storage.websub import Follower
from services.publishing.web.pages import Face
from shared.runtime.database import Database
from shared.runtime.moments import utc_now
from shared.runtime.outbound import OutboundError, SafeClient

SHORTEST, USUAL, LONGEST = 300, 10 * 86400, 30 * 86400  # seconds of a lease
_LEASE = timedelta(seconds=60)
_ROUND = 0.25  # seconds between two looks at the log
_LOOK_BACK = 1000  # entries a new process looks at again: what its predecessor died over; who was told is not told anew
_VERIFIED_WITHIN = 3  # attempts at a callback that does not answer


def verification(follower: Follower, challenge: str) -> str:
    """The address to ask a callback whether it really meant it (§5.3)."""
    asked = {"hub.mode": follower.asked or "", "hub.topic": follower.topic, "hub.challenge": challenge}
    if follower.asked == "subscribe":
        asked["hub.lease_seconds"] = str(follower.asked_seconds)
    parts = urlsplit(follower.callback)
    query = "&".join(filter(None, (parts.query, urlencode(asked))))
    return urlunsplit(parts._replace(query=query))


def push_headers(feed: Document, secret: str | None) -> dict[str, str]:
    """The headers of a push (§7), signed where the follower gave a secret."""
    headers = {
        "content-type": feed.media_type,
        "link": f'<{feed.hub}>; rel="hub", <{feed.address}>; rel="self"',
    }
    if secret:
        headers["x-hub-signature"] = f"sha256={hmac.new(secret.encode(), feed.body, hashlib.sha256).hexdigest()}"
    return headers


class Herald(Background):
    """Verifies followers and pushes news to them until it is left; an async context manager."""

    def __init__(self, database: Database, hub: Hub, client: SafeClient, face: Face, sections: dict[str, str]) -> None:
        self.database, self.hub, self.client, self.face, self.sections = database, hub, client, face, sections
        self._seen = 0

    async def _ready(self) -> None:
        await self.hub.ready()
        self._seen = max(0, self.hub.head - _LOOK_BACK)

    async def _turn(self) -> None:
        await self.once()
        await asyncio.sleep(_ROUND)  # a feed that changed ten times in it is pushed once
        await self.hub.wait(self._seen, 1.0 - _ROUND)

    async def once(self) -> None:
        """Mark what has news, then verify and push what is due."""
        head, frames, now = self.hub.head, await self.hub.read(self._seen, 500), utc_now()
        if not frames:
            async with self.database.reading() as session:
                if not await websub.is_due(session, now):
                    return
        upto = frames[-1].position if frames else self._seen
        async with self.database.transaction() as tx:
            if frames and not await self._mark(tx.session, frames, now):
                upto = max(upto, head)  # nobody follows anything, so there is nothing to look through
            asked = await websub.take_verifications(tx.session, now, _LEASE)
            due = await websub.take_pushes(tx.session, now, _LEASE)
        self._seen = upto
        await asyncio.gather(*(self._verify(f) for f in asked), *(self._push(f) for f in due))

    async def _mark(self, session: AsyncSession, frames: Sequence[Frame], now: datetime) -> bool:
        """Mark which feeds these entries change; whether anybody follows one."""
        followed = await websub.followed_topics(session, now)
        if not followed:
            return False
        news: dict[str, int] = {}
        for frame in frames:
            news |= dict.fromkeys(followed & await self._topics(session, frame, followed), frame.position)
        await websub.mark_news(session, news, now)
        return True

    async def _topics(self, session: AsyncSession, frame: Frame, followed: set[str]) -> set[str]:
        """The addresses of all feeds that an entry changes. What was taken off may stand in any: all are pushed."""
        if not frame.type.startswith("newsroom.article."):
            return set()
        if not frame.facts.has_article:
            return followed
        facts, shelves = frame.facts, ["all"]
        row = await public.find_public(session, facts.article_id)
        section = facts.section or (row.section if row else None)
        language = facts.language or (row.language if row else None)
        outlet = facts.outlet or (row.outlet if row else None)
        shelves += [f"sections/{section}"] if section else []
        shelves += [f"languages/{language}"] if language else []
        shelves += [f"outlets/{slugify(outlet)}"] if outlet else []
        shelves += [f"tags/{tag}" for tag in facts.tags]
        shelves += [f"authors/{slugify(author)}" for author in (row.article.get("authors", ()) if row else ())]
        return {f"{self.face.base}/feeds/{shelf}.{extension}" for shelf in shelves for extension in FORMATS}

    async def _verify(self, follower: Follower) -> None:
        challenge = secrets.token_urlsafe(24)
        try:
            answer = await self.client.request("GET", verification(follower, challenge), seconds=attempts.SECONDS)
            confirmed: bool | None = answer.is_success and answer.text.strip() == challenge
        except OutboundError:
            confirmed = None
        async with self.database.transaction() as tx:
            known = await websub.find_follower(tx.session, follower.topic, follower.callback)
            if known is None or known.asked != follower.asked:
                return
            known.verify_attempts += 1
            if confirmed is None and known.verify_attempts < _VERIFIED_WITHIN:
                known.verify_at = utc_now() + timedelta(seconds=10 * known.verify_attempts)
            else:
                settle(known, utc_now(), self.hub.head, confirmed=bool(confirmed))
            if known.until is None and known.asked is None:
                await tx.session.delete(known)
            else:
                tx.session.add(known)

    async def _push(self, follower: Follower) -> None:
        upto = self.hub.head  # the feed is read after this and tells at least so much
        async with self.database.reading() as session:
            feed = await self._feed(session, follower.topic)
        outcome = Outcome(error="the feed is gone")
        if feed is not None:
            try:
                answer = await self.client.post(
                    follower.callback,
                    content=feed.body,
                    headers=push_headers(feed, follower.secret),
                    seconds=attempts.SECONDS,
                    keep=attempts.ANSWER,
                )
                outcome = Outcome(answer.status_code, retry_after=answer.headers.get("retry-after"))
            except OutboundError as error:
                outcome = Outcome(error=str(error))
        async with self.database.transaction() as tx:
            known = await websub.find_follower(tx.session, follower.topic, follower.callback)
            if known is None:
                return
            known.push_attempts += 1
            what = attempts.decide(outcome, known.push_attempts, utc_now(), 0.5)
            known.push_at = what.due if feed is not None else None
            if what.act == "disable":
                await tx.session.delete(known)
                return
            if what.act == "delivered":
                known.pushed_position, known.push_attempts = max(upto, known.pushed_position), 0
                if known.news_position > upto:
                    known.push_at = utc_now()  # more came while this was on its way
            tx.session.add(known)

    async def _feed(self, session: AsyncSession, topic: str) -> Document | None:
        try:
            address = Address.of(topic.removeprefix(self.face.base))
            return await feed_at(session, address, self.face.name, self.face.base, self.sections, utc_now())
        except NoFeed:
            return None


def settle(follower: Follower, now: datetime, head: int, *, confirmed: bool) -> None:
    """Carry out what a callback confirmed, or forget what it did not. News for it is what comes after `head`."""
    if confirmed and follower.asked == "subscribe":
        if follower.until is None:
            follower.news_position = head
        follower.until, follower.secret = now + timedelta(seconds=follower.asked_seconds), follower.asked_secret
    elif confirmed:
        follower.until = None
    follower.asked, follower.asked_secret, follower.verify_at, follower.verify_attempts = None, None, None, 0


def lease(asked: int | None) -> int:
    """The seconds a follower gets for what it asked."""
    return USUAL if asked is None else min(max(asked, SHORTEST), LONGEST)


def topics_of(base: str, values: Sequence[str]) -> list[str]:
    """Those of the addresses that are feeds of ours. Raises NoFeed for the first that is not."""
    for value in values:
        if not value.startswith(f"{base}/"):
            raise NoFeed(f"{value} is not a feed of {base}.")
        Address.of(value.removeprefix(base))
    return list(values)
