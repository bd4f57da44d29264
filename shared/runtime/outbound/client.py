"""The client itself: one exchange with the outside, bounded in time, size, redirects and requests per host."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import httpcore2
import httpx2
import orjson

from shared.runtime.outbound.addresses import AllowList
from shared.runtime.outbound.errors import OutboundError, OutboundRefused
from shared.runtime.outbound.gate import Gate, Resolve, resolve_by_system
from shared.runtime.outbound.pools import KEPT, Origin, Pools
from shared.runtime.outbound.settings import HasOutbound, OutboundSettings
from shared.runtime.outbound.unpacking import Unpacker

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "user-agent", "if-none-match", "if-modified-since"})


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect on the way: its status and where it pointed."""

    status_code: int
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: `content` decompressed, `url` where it was found in the end, `hops` the way there."""

    status_code: int
    headers: httpx2.Headers
    content: bytes
    url: str
    hops: tuple[Hop, ...] = ()

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    def json(self) -> Any:
        return orjson.loads(self.content)


@dataclass(slots=True)
class _Lane:
    """How many requests to one host may run at once, and how many are waiting or running."""

    gate: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True)
class _Lanes:
    per_host: int
    lanes: dict[str, _Lane] = field(default_factory=dict)

    @asynccontextmanager
    async def one(self, host: str) -> AsyncIterator[None]:
        lane = self.lanes.setdefault(host, _Lane(asyncio.Semaphore(self.per_host)))
        lane.users += 1
        try:
            async with lane.gate:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self.lanes[host]


class SafeClient:
    """An asynchronous HTTP client that cannot be talked into reaching private addresses or reading without end.

    Use as an async context manager. Raises OutboundError (the other side or the way there failed) or OutboundRefused
    (a rule of ours); a status code is never an error. No cookies, no proxies, no credentials from the environment.
    """

    def __init__(
        self, settings: HasOutbound | OutboundSettings | None = None, *, resolve: Resolve = resolve_by_system
    ) -> None:
        if settings is not None and not isinstance(settings, OutboundSettings):
            settings = settings.outbound
        self.settings = settings or OutboundSettings()
        self._gate = Gate(AllowList(self.settings.allow), resolve)
        self._lanes = _Lanes(self.settings.per_host)
        self._room = asyncio.Semaphore(self.settings.connections)
        self._pools: Pools | None = None

    async def __aenter__(self) -> Self:
        context: ssl.SSLContext = httpx2.create_ssl_context(trust_env=False)

        def make() -> httpcore2.AsyncConnectionPool:
            return httpcore2.AsyncConnectionPool(
                ssl_context=context,
                max_connections=self.settings.per_host,
                keepalive_expiry=KEPT,
                network_backend=self._gate,
            )

        self._pools = Pools(make, self.settings.connections // 2)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pools is not None:
            await self._pools.close()
            self._pools = None

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, seconds: float | None = None) -> Answer:
        """Fetch an address, following at most `max_redirects` redirects."""
        return await self.request("GET", url, headers=headers, follow=True, seconds=seconds)

    async def post(
        self,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
        keep: int | None = None,
    ) -> Answer:
        """Send a body. A redirect is handed back as it is: what we send is meant for this address only.

        Where only the status matters, `keep` is how many bytes of the answer are read at most, as they come.
        """
        return await self.request(
            "POST", url, content=content, headers=headers, follow=False, seconds=seconds, keep=keep
        )

    async def check(self, url: str) -> None:
        """Raise OutboundRefused where an address could never be reached from here; nothing is sent.

        A name that does not resolve now is no refusal: it may tomorrow.
        """
        target = _parse(url)
        try:
            await self._gate.checked(target.host, target.port or (443 if target.scheme == "https" else 80))
        except OutboundRefused as refused:
            refused.url = url
            raise
        except OutboundError:
            return

    async def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
        seconds: float | None = None,
        keep: int | None = None,
    ) -> Answer:
        """One exchange, redirects included, in at most `seconds`; the body is bounded while it is read."""
        limit = min(seconds or self.settings.seconds, self.settings.seconds)
        try:
            async with asyncio.timeout(limit):
                return await self._exchange(method, url, content, dict(headers or {}), follow=follow, keep=keep)
        except TimeoutError:
            raise OutboundError("timeout", f"{url} did not answer in full within {limit:g} s.", url=url) from None
        except OutboundError as error:
            error.url = error.url or url
            raise

    async def _exchange(
        self, method: str, url: str, content: bytes, headers: dict[str, str], *, follow: bool, keep: int | None
    ) -> Answer:
        hops: list[Hop] = []
        target = _parse(url)
        while True:
            answer = await self._once(method, target, content, headers, keep)
            location = answer.headers.get("location")
            if not follow or answer.status_code not in _REDIRECTS or not location:
                return Answer(answer.status_code, answer.headers, answer.content, answer.url, tuple(hops))
            if len(hops) == self.settings.max_redirects:
                raise OutboundRefused("redirects", f"{url} redirects more than {len(hops)} times.")
            following = _parse(location, base=target)
            if _origin(following) != _origin(target):
                headers = {name: value for name, value in headers.items() if name.lower() in _KEPT_ACROSS_ORIGINS}
            hops.append(Hop(answer.status_code, str(following)))
            target = following

    async def _once(
        self, method: str, target: httpx2.URL, content: bytes, headers: dict[str, str], keep: int | None
    ) -> Answer:
        if self._pools is None:
            raise RuntimeError("SafeClient is used outside `async with`.")
        sent = {
            "Host": target.netloc.decode("ascii"),
            "User-Agent": f"{self.settings.user_agent} (+{self.settings.contact})",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
        } | {name.title(): value for name, value in headers.items()}
        if content or method in {"POST", "PUT", "PATCH"}:
            sent["Content-Length"] = str(len(content))
        url = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        try:
            async with (
                self._lanes.one(target.host),
                self._room,
                self._pools.of(_origin(target)) as pool,
                pool.stream(
                    method,
                    url,
                    headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
                    content=content or None,
                    extensions={"timeout": {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": 30.0}},
                ) as response,
            ):
                received = httpx2.Headers(response.headers)
                body = await (self._read(target, received, response) if keep is None else _first(response, keep))
                return Answer(response.status, received, body, str(target))
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise _explained(error, target) from error

    async def _read(self, target: httpx2.URL, headers: httpx2.Headers, response: httpcore2.Response) -> bytes:
        unpack = Unpacker(headers.get("content-encoding", ""), self.settings.max_bytes, self.settings.max_ratio)
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self.settings.max_bytes:
            raise OutboundRefused(
                "too_large", f"{target} declares {declared} bytes; at most {self.settings.max_bytes}."
            )
        async for chunk in response.aiter_stream():
            unpack.feed(chunk)
        return unpack.finish()


async def _first(response: httpcore2.Response, keep: int) -> bytes:
    body = b""
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) >= keep:
            break
    return body[:keep]


@lru_cache(maxsize=1000)
def _parse(url: str, base: httpx2.URL | None = None) -> httpx2.URL:
    try:
        target = httpx2.URL(url) if base is None else base.join(url)
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise OutboundRefused("bad_url", f"{url[:200]!r} is not a usable URL: {error}") from error
    if target.scheme not in ("http", "https"):
        raise OutboundRefused("scheme", f"{url[:200]!r}: only http and https are fetched.")
    if not target.host:
        raise OutboundRefused("bad_url", f"{url[:200]!r} names no host.")
    if any(sign in target.host for sign in "% ,") or (target.port is not None and not 0 < target.port < 65536):
        raise OutboundRefused("bad_url", f"{url[:200]!r} has a host name or port that cannot be.")
    if target.userinfo:
        raise OutboundRefused("bad_url", f"The URL for {target.host} carries a user name or password; leave them out.")
    return target.copy_with(fragment=None)


def _origin(url: httpx2.URL) -> Origin:
    return url.scheme, url.host, url.port


def _explained(error: Exception, target: httpx2.URL) -> OutboundError:
    if isinstance(error, httpcore2.TimeoutException):
        return OutboundError("timeout", f"{target.host} did not answer in time.")
    if isinstance(error, httpcore2.ConnectError):
        tls = isinstance(error.__cause__, ssl.SSLError)
        text = f"{target.host} could not be reached: {str(error) or 'no connection'}"
        return OutboundError("tls" if tls else "connect", text)
    if isinstance(error, httpcore2.NetworkError):
        return OutboundError("connect", f"The connection to {target.host} broke off.")
    return OutboundError("protocol", f"{target.host} does not speak proper HTTP: {error}")
