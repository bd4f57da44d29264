"""HTTP to our own services, for operators' tools: standard library only, so that a command starts at once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

_direct = build_opener(ProxyHandler({}))  # a proxy meant for the outside has no business between us and our services


class Unreachable(Exception):
    """Nobody answers at that address; the message names it."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def trouble(self) -> str:
        """What went wrong, from the problem document (RFC 9457) if it is one."""
        try:
            problem = json.loads(self.body)
            return f"{problem.get('title', '')} {problem.get('detail', '')}".strip() or f"HTTP {self.status}"
        except (ValueError, AttributeError):
            return f"HTTP {self.status}: {self.body[:200].decode(errors='replace')}"


def ask(
    method: str,
    url: str,
    body: object = None,
    *,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    token: str | None = None,
    timeout: float = 30,
) -> Answer:
    """One request; `body` goes as JSON, `content` as it is. Any status is an answer.

    Raises `Unreachable` when there is none.
    """
    try:
        with _open(method, url, body, content, headers, token, timeout) as response:
            return Answer(response.status, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.read())


@contextmanager
def _open(
    method: str,
    url: str,
    body: object,
    content: bytes | None,
    headers: dict[str, str] | None,
    token: str | None,
    timeout: float,
) -> Iterator[HTTPResponse]:
    sent = dict(headers or {})
    if body is not None:
        content = json.dumps(body).encode()
        sent["Content-Type"] = "application/json"
    if token:
        sent["Authorization"] = f"Bearer {token}"
    try:
        request = Request(url, data=content, headers=sent, method=method)  # noqa: S310  # the operator names the service
        with _direct.open(request, timeout=timeout) as response:
            yield response
    except HTTPError:
        raise
    except (URLError, HTTPException, OSError) as error:
        cause = getattr(error, "reason", error)
        raise Unreachable(f"Nobody answers at {url} ({getattr(cause, 'strerror', None) or cause}).") from error


def listen(url: str, *, headers: dict[str, str], token: str | None, timeout: float = 60) -> Iterator[str]:
    """The lines of a stream as they come. Raises `Unreachable` when it cannot be opened or falls silent."""
    try:
        with _open("GET", url, None, None, headers, token, timeout) as response:
            for line in response:
                yield line.decode().rstrip("\r\n")
    except HTTPError as error:
        raise Unreachable(f"{url} answered {error.code}.") from error
    except TimeoutError as error:
        raise Unreachable(f"{url} fell silent.") from error
