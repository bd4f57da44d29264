"""Turning what moderators see into pages: the template engine, everything escaped, and where a text offends marked."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.runtime.browsers import assets_in

_HERE = Path(__file__).parent


class Pages:
    """Renders the templates. One per process; templates are compiled once. `site` is where readers read."""

    def __init__(self, site: str) -> None:
        self.assets = assets_in(_HERE / "static")
        self.engine = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.engine.globals |= {"site": site.rstrip("/"), "static": self.address_of, "marked": marked}
        self.engine.filters |= {"iso": datetime.isoformat, "moment": moment}

    def address_of(self, name: str) -> str:
        """The address of a static file, which changes with its bytes so that it may be kept for ever."""
        return f"/desk/static/{name}?{self.assets[name].tag}"

    def render(self, template: str, **facts: Any) -> str:
        """A page."""
        return self.engine.get_template(template).render(**facts)


def moment(at: datetime) -> str:
    """A moment for a person: `27 Nov 06:40 UTC`."""
    return f"{at.astimezone(UTC):%-d %b %H:%M} UTC"


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """A comment's text with these spans (from and to, in characters) marked; overlapping ones become one."""
    made, at = Markup(), 0
    for start, end in sorted(spans):
        start, end = max(start, at), min(end, len(text))  # noqa: PLW2901  # what of it is not marked yet
        if start < end:
            made += escape(text[at:start]) + Markup("<mark>{}</mark>").format(text[start:end])
            at = end
    return made + escape(text[at:])
