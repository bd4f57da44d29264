"""Two houses alike, but for what one of them hides; and a crawler that asks both for everything a reader can reach."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid5

import httpx2

from services.publishing.domain.content import Content
from services.publishing.domain.editing import patched
from services.publishing.settings import Settings
from services.publishing.storage import articles, comments
from services.publishing.storage.comments import Comment
from services.publishing.use_cases import edit, intake, leaving, understanding, verdicts
from services.publishing.use_cases.acts import By, Order, act
from shared.events import (
    ArticleEnriched,
    ArticleIngested,
    CommentModerated,
    Event,
    Picture,
    RelatedStory,
    SectionGuess,
    Tag,
)
from shared.runtime import Database, Transaction

CANARY = "kanarienvogel"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_SPACE = UUID("5d1c3a52-2f0e-4b0b-9a53-6ef1d3a2c001")
_SECTIONS = ["News", "Business", "Local"]


def key(kind: str, number: int) -> UUID:
    """The id of a made-up article: the same in both houses."""
    return uuid5(_SPACE, f"{kind} {number}")


def ingested(kind: str, number: int, **fields: object) -> ArticleIngested:
    """A story as its source sends it; a hidden one carries the canary in every field that can hold words."""
    name = f"{CANARY} {kind} {number}" if kind != "public" else f"Bridge {number}"
    given: dict[str, object] = {
        "article_id": key(kind, number),
        "revision": 1,
        "source_id": key("source", 1),
        "source_name": "VTC",
        "trust": "publish",
        "guid": f"{kind}-{number}",
        "source_url": f"https://vtc.example/{name.replace(' ', '-')}",
        "headline": f"{name} opens in Ha Noi",
        "summary": f"{name}, shortly.",
        "body_html": f"<p>{name} was opened today.</p><p>Thousands came to see it.</p>",
        "body_text": f"{name} was opened today.",
        "language": "en",
        "outlet": "VTC News" if kind == "public" else f"{CANARY} outlet",
        "byline": "Hoa Vu" if kind == "public" else f"{CANARY} byline",
        "authors": ["Hoa Vu"] if kind == "public" else [f"{CANARY} author"],
        "section": _SECTIONS[number % 3] if kind == "public" else f"{CANARY} section",
        "pictures": [Picture(url=f"https://vtc.example/{number}.jpg", caption=name, credit="VTC")],
        "published_at": NOW - timedelta(hours=number),
        "ingested_at": NOW,
    }
    return ArticleIngested.model_validate(given | fields)


def enriched(kind: str, number: int, related: Iterable[UUID]) -> ArticleEnriched:
    """What enrichment says of it: a tag all share, and one of its own."""
    own = f"{CANARY}-{number}" if kind != "public" else f"bridge-{number % 4}"
    section = _SECTIONS[number % 3]
    stories = [RelatedStory(article_id=one, score=0.5, reasons=["Same story."]) for one in related]
    return ArticleEnriched(
        article_id=key(kind, number),
        of="ingested",
        revision=1,
        enricher="test",
        language="en",
        language_score=1.0,
        section=SectionGuess(slug=section.lower(), name=section, score=0.9),
        tags=[Tag(id="ha-noi", name="Ha Noi", kind="place"), Tag(id=own, name=own)],
        related=stories,
        related_by={"story": stories, "tag": stories, "section": stories, "author": stories},
        story_id=key("story", number % 5),
        enriched_at=NOW,
    )


async def furnish(database: Database, settings: Settings, *, public: int, hidden: int) -> None:
    """Public stories with related ones, comments and corrections; and, where asked, as many secrets of every kind.

    The public stories refer to the hidden ones in both houses: in one of them these simply do not exist.
    """
    secrets = [key(kind, n) for n in range(40) for kind in ("embargoed", "draft")]
    async with database.transaction() as tx:
        await _public(tx, settings, public, secrets)
    if hidden:
        async with database.transaction() as tx:
            await _hidden(tx, settings, public, hidden)
    async with database.transaction() as tx:
        tx.tell(*await leaving.lift(tx.session, settings, NOW + timedelta(seconds=30), 1000))


async def _public(tx: Transaction, settings: Settings, many: int, secrets: list[UUID]) -> None:
    facts = [ingested("public", n) for n in range(many)]
    tx.tell(*await intake.take_in(tx.session, facts, settings, NOW))
    others = [key("public", n) for n in range(many)]
    tags = [enriched("public", n, [*secrets[n::7], *others[n + 1 : n + 5]]) for n in range(many)]
    tx.tell(*await understanding.take_understanding(tx.session, tags, settings, NOW + timedelta(seconds=1)))
    for n in range(0, many, 3):
        await comment(tx, "public", n, "A fine bridge.")


async def _hidden(tx: Transaction, settings: Settings, public: int, many: int) -> None:
    until = NOW + timedelta(days=365)
    embargoed = [ingested("embargoed", n, embargoed_until=until) for n in range(many)]
    drafts = [ingested("draft", n, trust="review") for n in range(many)]
    secrets: list[Event] = [*await intake.take_in(tx.session, [*embargoed, *drafts], settings, NOW)]
    tags = [enriched(kind, n, [key("public", n % public)]) for n in range(many) for kind in ("embargoed", "draft")]
    secrets += await understanding.take_understanding(tx.session, tags, settings, NOW)
    by = By("mai", "Mai")
    for n in range(many):
        await comment(tx, "draft", n, f"{CANARY} comment")
        head = await articles.lock_article(tx.session, key("public", n % public))
        assert head is not None
        words = f"<p>{CANARY} correction {n} that waits.</p>"
        tx.tell(*await edit.save(tx.session, head, head.revision, _adding(words), by, NOW, note=CANARY))
        order = Order(note=CANARY, at=until, change="update")
        secrets += await act(tx.session, head, "schedule", order, by, settings, NOW)
        head = await articles.lock_article(tx.session, key("draft", n))
        assert head is not None
        if n % 4 == 0:
            secrets += await act(tx.session, head, "spike", Order(note=CANARY), by, settings, NOW)
        elif n % 4 == 1:
            secrets += await act(tx.session, head, "schedule", order, by, settings, NOW)
            secrets += [
                fact for fact in await act(tx.session, head, "kill", order, by, settings, NOW) if fact.on_stream
            ]
    assert secrets == [], "what is hidden tells nothing"


def _adding(words: str):  # type: ignore[no-untyped-def]  # a closure of the test
    def change(seen: Content) -> Content:
        return patched(seen, {"body_html": seen.body_html + words, "headline": f"{CANARY} headline"})

    return change


async def comment(tx: Transaction, kind: str, number: int, text: str) -> None:
    made = Comment(
        id=key(f"comment {kind}", number),
        article_id=key(kind, number),
        author_id="reader:1",
        author_name="An",
        text=text,
        submitted_at=NOW,
    )
    tx.session.add(made)
    await tx.session.flush()
    assert await comments.find_comment(tx.session, made.id)
    verdict = CommentModerated(
        comment_id=made.id,
        article_id=made.article_id,
        revision=1,
        decision_id=key("decision", number),
        sequence=1,
        verdict="approve",
        reasons=[],
        policy="p",
        decided_by="test",
        decided_at=NOW,
    )
    tx.tell(*await verdicts.take_verdicts(tx.session, [verdict], NOW))


_LINK = re.compile(
    r"""(?:href|src|action|url|next|"(?:url|next_url|home_page_url|feed_url)":)\s*=?\s*["']([^"'<>\s]+)["']"""
)
_RANDOM = (
    re.compile(r'("id":\s*")[0-9a-f-]{36}(")'),  # of an envelope: new with every telling
    re.compile(r'("time":\s*")[^"]+(")'),
    re.compile(r'("(?:traceparent|correlationid|causationid)":\s*")[^"]+(")'),
)
_TODAY = re.compile(r'<p class="today">.*?</p>')
_HEADERS = ("etag", "last-modified", "link", "location", "cache-control", "content-type", "vary")


@dataclass
class Crawl:
    """Every answer by what was asked: (principal, Accept, path)."""

    client: httpx2.AsyncClient
    found: dict[tuple[str, str, str], str] = field(default_factory=dict)

    async def walk(self, who: str, token: str | None, accept: str, start: Iterable[str], most: int) -> None:
        """Ask for the starting points and for every address of the house found in the answers."""
        waiting, known = list(start), set(start)
        while waiting:
            path = waiting.pop(0)
            text = await self._ask(who, token, accept, path)
            for link in _links(path, text):
                if link not in known and len(known) < most:
                    known.add(link)
                    waiting.append(link)

    async def _ask(self, who: str, token: str | None, accept: str, path: str) -> str:
        headers = {"accept": accept} | ({"authorization": f"Bearer {token}"} if token else {})
        answer = await self.client.get(path, headers=headers)
        text = answer.text
        kept = "\n".join(f"{name}: {answer.headers.get(name)}" for name in _HEADERS)
        for pattern in _RANDOM:
            text = pattern.sub(r"\1*\2", text)
        text, dated = _TODAY.subn("", text)
        if "/events" in path or dated:
            kept = kept.partition("\n")[2]  # the ETag covers what is random, or today's date
        self.found[who, accept, path] = f"{answer.status_code}\n{kept}\n{text}"
        return answer.text


def _links(path: str, text: str) -> list[str]:
    found = []
    for raw in _LINK.findall(text):
        target = urlsplit(urljoin(f"http://127.0.0.1:8000{path}", unescape(raw)))
        if target.netloc in {"127.0.0.1:8000", "testserver", "newsroom"} and target.scheme == "http":
            found.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


def probes(many: int) -> list[str]:
    """Where a curious reader would knock: lists of every kind, and guesses at what is hidden."""
    lists = [
        *(
            "/",
            "/feeds/",
            "/feeds/all.rss",
            "/feeds/all.atom",
            "/feeds/all.json",
            "/feeds/all.opml",
            "/sitemap-news.xml",
        ),
        *(
            "/tags/ha-noi",
            "/sections/news",
            "/sections/business",
            "/authors/hoa-vu",
            "/outlets/vtc-news",
            "/robots.txt",
        ),
        *(
            "/v1/public/articles",
            "/v1/public/articles?limit=5",
            "/v1/public/articles?tag=ha-noi",
            "/openapi.json",
            "/docs",
        ),
        *("/v1/events?after=0&wait=0&limit=500", "/v1/events?after=0&wait=0&types=newsroom.article.killed.v1"),
        *("/problems", "/v1/articles", "/v1/audit", "/v1/desk/events", "/v1/rules", "/v1/tokens"),
    ]
    for name in (f"{CANARY}-section", f"{CANARY}-author", f"{CANARY}-outlet", f"{CANARY}-1"):
        for kind in ("section", "author", "outlet", "tag"):
            lists += [f"/{kind}s/{name}", f"/feeds/{kind}s/{name}.rss", f"/v1/public/articles?{kind}={name}"]
    for n in range(many):
        for kind in ("embargoed", "draft"):
            one = key(kind, n)
            slug = f"{CANARY}-{kind}-{n}-opens-in-ha-noi-{one.hex[-8:]}"
            lists += [f"/articles/{slug}", f"/v1/public/articles/{slug}", f"/v1/public/articles/{one}"]
            lists += [f"/v1/public/articles/{one}/comments", f"/v1/articles/{one}", f"/v1/articles/{one}/export"]
            lists += [f"/v1/articles/{one}/receipts", f"/v1/articles/{one}/revisions", f"/v1/articles/{one}/actions"]
    return lists
