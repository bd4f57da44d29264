"""Doors for browsers: pages in the place of refusals, forms that only our own pages can send, and static files."""

import hashlib
import hmac
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from shared.runtime.doors import DoorRoute
from shared.runtime.problems import Problem, explain

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
#: Only our own script, which talks only to us; what a text names may be shown, and nothing else.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; form-action 'self'; "
        "img-src 'self' https: http: data:; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",  # with none at all, browsers send their forms with `Origin: null`
    "x-content-type-options": "nosniff",
}
#: What a browser sends with a form: every value of each field, all of them text.
Sent = Mapping[str, Sequence[str]]


class PageRoute(DoorRoute):
    """A door for browsers at `/desk`: who has not signed in is led to do so, and what is refused is said on a page."""

    def refusal(self, request: Request, problem: Problem) -> Response:
        """The page that says it; each service renders its own."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The door itself; what it refuses becomes a page."""
        inner = super().get_route_handler()

        async def enter(request: Request) -> Response:
            try:
                return await inner(request)
            except (Problem, RequestValidationError) as refused:
                problem = explain(refused)
            if problem.status == 401 and request.url.path != "/desk/session":
                way = request.url.path if request.method == "GET" else "/desk"
                return to(f"/desk/session?{urlencode({'next': way}, safe='/')}")
            return self.refusal(request, problem)

        return enter


def to(path: str) -> RedirectResponse:
    """Lead a browser on after a form, so that loading the page again repeats nothing."""
    return RedirectResponse(path, 303, HEADERS)


async def _sent(request: Request) -> Sent:
    form = await request.form()
    return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


#: The form that came with a request.
SentForm = Annotated[Sent, Depends(_sent)]


def one(sent: Sent, name: str) -> str:
    """A field's text, empty where it was not sent; browsers send line ends as CR LF (HTML, 4.10.22.4)."""
    values = sent.get(name, ())
    return values[0].replace("\r\n", "\n") if values else ""


def unfit(title: str, wrong: ValidationError) -> Problem:
    """What to answer a form whose fields do not fit: the first that does not, and why."""
    first = wrong.errors()[0]
    where = ".".join(str(piece) for piece in first["loc"])
    return Problem(422, "invalid", title, detail=f"{where}: {first['msg']}" if where else first["msg"])


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a browser sent a form from a page of this very host."""
    return origin is not None and urlsplit(origin).netloc == host


def from_our_page(method: str, origin: str | None, host: str, sent: str | None, csrf: str) -> bool:
    """Whether a request that relies on a cookie was made by our own page: the right Origin, and the session's token.

    Reading needs neither. A browser always sends Origin with what changes something (Fetch standard, 3.2).
    """
    if method in _SAFE:
        return True
    if not same_origin(origin, host):
        return False
    return sent is not None and hmac.compare_digest(sent.encode(), csrf.encode())


async def sent_token(request: Request) -> str | None:
    """The session's token as a request shows it: in a header, or in the field `csrf` of a form."""
    sent = request.headers.get("x-csrf-token")
    if sent is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        field = (await request.form()).get("csrf")
        sent = field if isinstance(field, str) else None
    return sent


@dataclass(frozen=True)
class Asset:
    """One static file: its bytes, media type and the hash that its address carries."""

    body: bytes
    media_type: str
    tag: str

    def response(self) -> Response:
        """The file, to be kept for ever: its address changes with its bytes."""
        kept = {"cache-control": "public, max-age=31536000, immutable", "etag": f'"{self.tag}"'}
        return Response(self.body, media_type=self.media_type, headers=kept | {"x-content-type-options": "nosniff"})


def assets_in(folder: Path) -> dict[str, Asset]:
    """Every static file of a folder by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        found[path.name] = Asset(body, _KINDS[path.suffix], hashlib.sha256(body).hexdigest()[:12])
    return found
