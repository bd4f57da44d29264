"""Turning what is public into pages: the template engine, everything escaped, and the style sheet's own address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.publishing.outlets import clean_html, jsonld
from services.publishing.web import words
from shared.events import PublishedArticle
from shared.runtime.browsers import Asset, assets_in

_HERE = Path(__file__).parent
#: Nothing on a page may act: no script at all, pictures and videos from anywhere, forms only to ourselves.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https: http: data:; media-src 'self' https: http:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


@dataclass(frozen=True)
class Face:
    """Who the site says it is. `base` is its public address without a slash at the end."""

    name: str
    base: str
    language: str = "en"
    zone: str = "UTC"


class Pages:
    """Renders the templates. One per process; templates are compiled once."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.zone = ZoneInfo(face.zone)
        self.engine = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.engine.globals |= {"face": face, "static": self.address_of, "data_block": self._data_block}
        self.engine.filters |= {"clean": self._clean, "iso": datetime.isoformat}

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """Every static file by name."""
        return assets_in(_HERE / "static")

    def address_of(self, name: str) -> str:
        """The address of a static file, which changes with its bytes so that it may be kept for ever."""
        return f"/static/{name}?{self.assets[name].tag}"

    def render(self, template: str, *, language: str | None = None, **facts: Any) -> bytes:
        """A page in UTF-8, speaking `language` where the site can."""
        tongue = words.spoken(language or self.face.language)
        return (
            self.engine.get_template(template)
            .render(
                tongue=tongue,
                say=lambda key: words.say(key, tongue),
                day=lambda at: words.day(at, tongue, self.zone),
                moment=lambda at: words.moment(at, tongue, self.zone),
                **facts,
            )
            .encode()
        )

    def _clean(self, html: str, source: str) -> Markup:
        return Markup(clean_html(html, source))  # noqa: S704  # nh3 has just taken out all that acts

    def _data_block(self, article: PublishedArticle) -> Markup:
        return jsonld.embedded(jsonld.render(article, self.face.name, self.face.base))
