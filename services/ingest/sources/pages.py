"""An article page, read: per field the most trusted evidence wins, and says so.

Order of trust: JSON-LD NewsArticle, OpenGraph and `article:*`, the feed entry that led here, microdata, what the page
shows (trafilatura for the text, our own eyes for credits and pictures), htmldate.
"""

from lxml import etree

from services.ingest.domain.addresses import absolute, host_of
from services.ingest.domain.items import Hints, Item, Unreadable
from services.ingest.domain.texts import clean, line, title, words
from services.ingest.sources.parts.blocks import Block
from services.ingest.sources.parts.bodies import body_of
from services.ingest.sources.parts.decoding import decode
from services.ingest.sources.parts.figures import captions_of, container_of, pictures_in
from services.ingest.sources.parts.languages import language_of, primary
from services.ingest.sources.parts.page_dates import page_date, page_habits
from services.ingest.sources.parts.provenance import Provenance, provenance_of, split_tail
from services.ingest.sources.parts.structured import Declared, declared_in, texts
from services.ingest.sources.parts.trees import beginning, parse

_SHORTEST_STORY = 12  # words


def read_page(content: bytes, hints: Hints) -> Item:
    """Read one article page. Raises Unreadable where there is no article on it."""
    text, charset = decode(content, hints.charset)
    markup = clean(text).encode()
    tree = parse(markup)
    said = declared_in(tree)
    canonical = absolute(said.canonical or said.meta.get("og:url"), hints.url)
    page = hints.url or canonical
    body = body_of(markup, tree, page, said.ld)
    headline, headline_by = _headline(tree, said, hints)
    blocks, credit, source, raw = split_tail(_without_headline(body.blocks if body else (), headline))
    whole = "\n".join(block.text for block in blocks)
    if len(words(whole)) < _SHORTEST_STORY or not headline:
        what = "no headline" if not headline else "no text that reads like an article"
        raise Unreadable("no_article", f"{hints.url or 'The page'}: {what} was found. Is it an article's own page?")
    container = container_of(tree, whole)
    blocks = _without_captions(blocks, captions_of(container))
    body_text = "\n".join(block.text for block in blocks)
    found = provenance_of(tree, said, body_text, credit, source, page)
    language, language_by = language_of(headline, body_text, primary(said.spoken) or hints.language)
    habits = page_habits(said, hints, language, [page, canonical, found.original], body_text)
    date, date_by = page_date(tree, said, markup, hints, habits)
    pictures = pictures_in(container, page, said.ld, said.meta.get("og:image"))
    entry = hints.entry
    outlet, outlet_by = _outlet(found, hints, page)
    evidence = {
        "headline": headline_by,
        "body": body.by if body else "",
        "language": language_by,
        "outlet": outlet_by,
        "wire": found.wire[1] if found.wire else None,
        "byline": found.authors[1] if found.authors else None,
        "published_at": date_by,
        "canonical_url": _canonical_by(said, found.original),
        "source_url": "original named on the page" if found.original else None,
        "pictures": f"{len(pictures)} in the story" if pictures else None,
        "charset": charset,
    }
    if date:
        raw["published_at"] = date.raw
    return Item(
        guid=entry.guid if entry else None,
        url=found.original or page or (entry.url if entry else None),
        canonical_url=canonical or found.original or hints.url,
        headline=headline,
        summary=_summary(said, hints),
        body_html="".join(block.html for block in blocks),
        body_text=body_text,
        language=language,
        outlet=outlet,
        wire=found.wire[0] if found.wire else (entry.wire if entry else None),
        byline=found.byline,
        authors=found.authors[0] if found.authors else [],
        published_at=date.moment if date else None,
        section=_section(said, hints),
        keywords=_keywords(said, entry),
        pictures=pictures,
        evidence={key: value for key, value in evidence.items() if value},
        raw=raw | {key: value for key, value in found.raw.items() if value},
    )


def _outlet(found: Provenance, hints: Hints, page: str | None) -> tuple[str | None, str | None]:
    """Whose story it is: as it was set, as the page says, as the feed said, or by its address."""
    if hints.outlet:
        return hints.outlet, "set for the source"
    if found.outlet:
        return found.outlet
    if hints.entry and hints.entry.outlet:
        return hints.entry.outlet, hints.entry.evidence.get("outlet", "feed")
    return (host_of(page) or page, "host of the page") if page else (None, None)


def _headline(tree: etree._Element, said: Declared, hints: Hints) -> tuple[str, str]:
    shown = next((text for h in tree.iter("h1") if (text := title(beginning(h, 2000, " ")))), "")
    declared = title(next(iter(texts(said.ld.get("headline") or said.ld.get("name"))), ""))
    if declared:
        return declared, "json-ld headline"
    for name in ("og:title", "twitter:title", "dc.title", "parsely-title"):
        if value := title(said.meta.get(name)):
            if shown and value.startswith(shown):
                return shown, f"h1, agreeing with {name}"
            return _without_site(value, said), name
    if hints.entry and hints.entry.headline:
        return hints.entry.headline, "feed entry"
    if micro := said.micro.get("headline"):
        return title(micro[0]), "microdata headline"
    if shown:
        return shown, "h1"
    named = tree.find(".//title")
    return _without_site(title(beginning(named, 2000) if named is not None else ""), said), "title"


def _without_site(value: str, said: Declared) -> str:
    site = said.meta.get("og:site_name", "")
    for mark in (" | ", " - ", " – ", " — ", " :: "):
        head, _, tail = value.rpartition(mark)
        if head and site and words(tail) == words(site):
            return head
    return value


def _without_headline(blocks: tuple[Block, ...], headline: str) -> list[Block]:
    known = words(headline)
    return [b for i, b in enumerate(blocks) if not (i < 3 and known and words(b.text) == known)]


def _without_captions(blocks: list[Block], captions: set[str]) -> list[Block]:
    kept = [b for b in blocks if " ".join(words(b.text)) not in captions]
    return kept or blocks


def _summary(said: Declared, hints: Hints) -> str | None:
    text = (
        next(iter(texts(said.ld.get("description"))), "")
        or said.meta.get("og:description")
        or said.meta.get("description")
    )
    if not text and hints.entry:
        text = hints.entry.summary
    return title(text)[:500] or None


def _section(said: Declared, hints: Hints) -> str | None:
    declared = next(iter(texts(said.ld.get("articleSection"))), "") or said.meta.get("article:section")
    if not declared and hints.entry:
        declared = hints.entry.section
    return hints.section or line(declared, 100) or None


def _keywords(said: Declared, entry: Item | None) -> list[str]:
    found = (
        texts(said.ld.get("keywords")) or said.repeated.get("article:tag", []) or texts(said.meta.get("news_keywords"))
    )
    found = found or texts(said.meta.get("keywords")) or (entry.keywords if entry else [])
    parts = [line(part, 100) for value in found for part in (value.split(",") if "," in value else [value])]
    return list(dict.fromkeys(part for part in parts if part))[:40]


def _canonical_by(said: Declared, original: str | None) -> str:
    if said.canonical:
        return "link rel=canonical"
    if said.meta.get("og:url"):
        return "og:url"
    return "original named on the page" if original else "address it was read from"
