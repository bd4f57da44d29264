"""Fetching politely: robots.txt first, conditional requests, and one clear cause for everything that can go wrong."""

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from services.ingest.domain.items import Lane, Unreadable
from services.ingest.settings import Settings
from shared.runtime import utc_now
from shared.runtime.outbound import Answer, OutboundError, SafeClient

_ROBOTS_KEPT = 3600.0  # seconds
_MOST_ROBOTS = 500 * 1024  # RFC 9309 §2.5
_MOST_HOSTS = 2000


class Failed(Unreadable):
    """A document that could not be had.

    `status` is the HTTP status where there was one; `again` whether to try again.
    """

    def __init__(
        self, cause: str, detail: str, *, status: int | None = None, again: bool = True, wait: float | None = None
    ) -> None:
        super().__init__(cause, detail)
        self.status, self.again, self.wait = status, again, wait


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as it came.

    `moved_to` is set when every redirect on the way was permanent; `wait` is what was asked for.
    """

    content: bytes
    url: str
    charset: str | None
    media_type: str
    etag: str | None
    last_modified: str | None
    status: int
    moved_to: str | None
    wait: float | None

    @property
    def unchanged(self) -> bool:
        return self.status == 304


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego | None  # None: nothing may be fetched for now
    until: float
    why: str


class Fetcher:
    """Fetches documents for ingest through the one safe client."""

    def __init__(self, settings: Settings, client: SafeClient) -> None:
        self._settings, self._client = settings, client
        slow = max(1, settings.outbound.connections // 4)  # so that slow servers never hold all connections
        self._room = {
            "quick": asyncio.Semaphore(max(1, settings.outbound.connections - slow)),
            "slow": asyncio.Semaphore(slow),
        }
        self._rules: dict[str, _Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self.agent = settings.outbound.user_agent.split("/", 1)[0]

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = "*/*",
        lane: Lane = "quick",
    ) -> Fetched:
        """Get a document; one without content where it did not change. Raises Failed."""
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        try:
            async with self._room[lane]:
                answer = await self._client.get(url, headers=headers)
        except OutboundError as error:
            raise Failed(error.code, f"{url}: {error}" if url not in str(error) else str(error)) from error
        if answer.status_code == 304 and len(headers) > 1:
            return _fetched(url, answer)
        if not answer.is_success:
            raise _refusal(url, answer)
        return _fetched(url, answer)

    async def verdict(self, url: str, lane: Lane = "quick") -> tuple[bool, str]:
        """Whether robots.txt lets us read an address, and the sentence to show for it."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise Failed("bad_url", f"{url[:200]!r} is not a usable address: {error}.", again=False) from error
        site = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        lock = self._asking.setdefault(site, asyncio.Lock())
        async with lock:
            rules = self._rules.get(site)
            if rules is None or rules.until < time.monotonic():
                rules = await self._read_robots(site, lane)
                if len(self._rules) > _MOST_HOSTS:
                    self._rules.clear()
                    self._asking.clear()
                self._rules[site] = rules
        if rules.parsed is None:
            return False, rules.why
        allowed = bool(rules.parsed.can_fetch(url, self.agent))
        return allowed, f"{'allowed' if allowed else 'disallowed'} by robots.txt" if not rules.why else rules.why

    async def allowed(self, url: str, lane: Lane = "quick") -> str:
        """The verdict's sentence. Raises Failed where robots.txt forbids the address and is obeyed."""
        may, sentence = await self.verdict(url, lane)
        if not may and self._settings.obey_robots:
            raise Failed("robots", f"{url}: {sentence} for {self.agent}.", again=False)
        return sentence

    async def _read_robots(self, site: str, lane: Lane) -> _Rules:
        until = time.monotonic() + _ROBOTS_KEPT
        try:
            async with self._room[lane]:
                answer = await self._client.get(f"{site}/robots.txt", seconds=10)
        except OutboundError as error:
            return _Rules(Protego.parse(""), time.monotonic() + 60, f"robots.txt could not be read ({error.code})")
        if answer.status_code >= 500:
            return _Rules(
                None, time.monotonic() + 300, f"robots.txt answers {answer.status_code}: nothing is fetched for now"
            )
        if answer.status_code >= 400:
            return _Rules(Protego.parse(""), until, "no robots.txt")
        text = answer.content[:_MOST_ROBOTS].decode("utf-8", "replace")
        return _Rules(await asyncio.to_thread(Protego.parse, text), until, "")


def _fetched(url: str, answer: Answer) -> Fetched:
    media_type, _, parameters = answer.headers.get("content-type", "").partition(";")
    charset = next(
        (p.split("=", 1)[1].strip("\"' ") for p in parameters.split(";") if p.strip().lower().startswith("charset=")),
        None,
    )
    permanent = bool(answer.hops) and all(hop.status_code in (301, 308) for hop in answer.hops)
    return Fetched(
        content=answer.content,
        url=answer.url,
        charset=charset,
        media_type=media_type.strip().lower(),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        status=answer.status_code,
        moved_to=answer.url if permanent and answer.url != url else None,
        wait=_max_age(answer),
    )


def _refusal(url: str, answer: Answer) -> Failed:
    status = answer.status_code
    wait = _retry_after(answer.headers.get("retry-after"))
    if status == 410:
        return Failed("gone", f"{url} answers 410: it is gone for good.", status=status, again=False)
    if status == 404:
        return Failed("not_found", f"{url} answers 404: nothing is there. Check the address.", status=status, wait=wait)
    if status in (429, 503):
        return Failed(
            "asked_to_wait", f"{url} answers {status}: it asks us to come back later.", status=status, wait=wait
        )
    if status in (401, 402, 403, 407, 451):
        return Failed("forbidden", f"{url} answers {status}: we may not read it.", status=status, wait=wait)
    return Failed("http_status", f"{url} answers {status} where a document was expected.", status=status, wait=wait)


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a number or an HTTP date (RFC 9110 §10.2.3)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(min(int(value.strip()[:9]), 86_400))
    try:
        seconds: float = (parsedate_to_datetime(value) - utc_now()).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), 86_400.0)


def _max_age(answer: Answer) -> float | None:
    for part in answer.headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            return float(min(int(value.strip('"')[:9]), 86_400))
    return None
