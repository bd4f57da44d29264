"""The feed at an address: which shelf it shows, and its document as it is now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.outlets import Channel, Tombstone, atom, jsonfeed, rss
from services.publishing.storage import public
from services.publishing.storage.outlets import last_gone, list_gone
from services.publishing.storage.public import PublicArticle, ShelfKind
from shared.events import PublishedArticle

LENGTH = 50
EVER = datetime(2000, 1, 1, tzinfo=UTC)
FORMATS: dict[str, tuple[str, Callable[[Channel], bytes]]] = {
    "rss": (f"{rss.MEDIA_TYPE}; charset=utf-8", rss.render),
    "atom": (f"{atom.MEDIA_TYPE}; charset=utf-8", atom.render),
    "json": (jsonfeed.MEDIA_TYPE, jsonfeed.render),
}
KINDS: dict[str, ShelfKind] = {
    "sections": "section",
    "tags": "tag",
    "authors": "author",
    "outlets": "outlet",
    "languages": "language",
}
_REMEMBERED = timedelta(days=30)  # how long a feed names what was taken off


class NoFeed(LookupError):
    """There is no feed at this address; the text says why."""


@dataclass(frozen=True)
class Address:
    """A feed's address taken apart; `folder` and `name` are empty for the feed of everything."""

    folder: str
    name: str
    extension: str

    @classmethod
    def of(cls, path: str) -> "Address":
        """`/feeds/all.rss`, `/feeds/sections/news.atom`. Raises NoFeed."""
        place, dot, extension = path.removeprefix("/feeds/").rpartition(".")
        folder, _, name = place.partition("/")
        if not path.startswith("/feeds/") or not dot or extension not in FORMATS:
            raise NoFeed(f"{path!r} ends in none of: {', '.join(FORMATS)}.")
        if place == "all":
            return cls("", "", extension)
        if folder not in KINDS or not name or "/" in name:
            raise NoFeed(f"{folder!r} is none of: {', '.join(KINDS)}.")
        return cls(folder, name, extension)

    @property
    def kind(self) -> ShelfKind:
        """The shelf's kind."""
        return KINDS[self.folder] if self.folder else "all"

    @property
    def home(self) -> str:
        """The page the feed mirrors."""
        return "/" if self.folder in {"", "languages"} else f"/{self.folder}/{self.name}"

    @property
    def path(self) -> str:
        """The feed's own path."""
        return f"/feeds/{self.folder}/{self.name}.{self.extension}" if self.folder else f"/feeds/all.{self.extension}"


@dataclass(frozen=True)
class Document:
    """A feed as it is now."""

    body: bytes
    media_type: str
    updated: datetime
    address: str
    hub: str


async def feed_at(
    session: AsyncSession, address: Address, site: str, base: str, sections: dict[str, str], now: datetime
) -> Document:
    """The feed of the site called `site` that stands at `base`. Raises NoFeed where nothing stands on its shelf."""
    title = ""
    if address.folder:
        known = await public.shelf_name(session, address.kind, address.name)
        known = known or (sections.get(address.name) if address.kind == "section" else None)
        if known is None:
            raise NoFeed(f"Nothing public stands under {address.folder}/{address.name}.")
        title = known
    rows = await public.list_public(session, address.kind, address.name, limit=LENGTH)
    gone = await list_gone(session, address.kind, address.name, since=now - _REMEMBERED)
    dates = [row.seen_at for row in rows]
    taken_off = await last_gone(session)
    media_type, render = FORMATS[address.extension]
    channel = Channel(
        title=f"{title} · {site}" if title else site,
        description=f"{title}: the latest from {site}." if title else f"The latest from {site}.",
        home=f"{base}{address.home}",
        address=f"{base}{address.path}",
        updated=max([*dates, *([taken_off] if taken_off else [])], default=EVER),
        language=address.name if address.kind == "language" else None,
        articles=published(rows),
        gone=[_tombstone(row, base) for row in gone],
        hub=f"{base}/websub",
    )
    return Document(render(channel), media_type, channel.updated, channel.address, f"{base}/websub")


def published(rows: Iterable[PublicArticle]) -> list[PublishedArticle]:
    """Public rows as articles."""
    return [PublishedArticle.model_validate(row.article) for row in rows]


def _tombstone(row: PublicArticle, base: str) -> Tombstone:
    return Tombstone(row.article_id, f"{base}/articles/{row.slug}", row.gone or "gone", row.gone_at or row.seen_at)
