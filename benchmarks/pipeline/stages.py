"""What every contender does with an article: the same rows in the same databases, and the same publication.

ingest: one row in `articles`. enrichment: one row in `enriched` (the answer is fixed: the transport is measured, not
the reading). publishing: one row in `drafts`, kept when the article comes and completed when its tags come; whichever
comes second publishes. The contenders differ in how work travels and in how many share one transaction.
"""

import json
import os
import random
from dataclasses import dataclass
from uuid import UUID, uuid5

_SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
PARAGRAPH = "The harbour master said on Friday that the first ships would leave as soon as the wind allowed it. "
_SYLLABLES = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in "lmnrst"]

#: database → its own tables
SCHEMAS = {
    "ingest": (
        "CREATE TABLE articles (id uuid PRIMARY KEY, revision int NOT NULL, headline text NOT NULL, body text NOT NULL)"
    ),
    "enrichment": "CREATE TABLE enriched (article_id uuid PRIMARY KEY, revision int NOT NULL, tags text NOT NULL)",
    "publishing": (
        "CREATE TABLE drafts (article_id uuid PRIMARY KEY, revision int NOT NULL, headline text, body text, tags text,"
        " published bigint)"
    ),
}
FEED = 100  # articles a source brings at once: one transaction in every contender
TAGS = json.dumps([{"id": "harbour", "name": "Harbour"}, {"id": "wind", "name": "Wind"}])


@dataclass(frozen=True)
class Article:
    """One article of about two kilobytes."""

    id: UUID
    headline: str
    body: str


def articles(first: int, count: int) -> list[Article]:
    """`count` articles numbered from `first`; the same numbers give the same articles."""
    numbers = range(first, first + count)
    return [Article(uuid5(_SPACE, str(n)), f"Ships wait for the wind, report {n}", _body(n)) for n in numbers]


def _body(number: int) -> str:
    """Two kilobytes: one sentence again and again; where BENCH_TEXTS says `varied`, no two articles alike.

    The first is what a transport is measured with; what reads its articles needs something to read.
    """
    if os.environ.get("BENCH_TEXTS") != "varied":
        return PARAGRAPH * 20
    chance = random.Random(number)
    topic = [f"{a}{b}" for a, b in zip(chance.choices(_SYLLABLES, k=40), chance.choices(_SYLLABLES, k=40), strict=True)]
    sentences = (" ".join([*chance.choices(PARAGRAPH.split(), k=9), *chance.choices(topic, k=6)]) for _ in range(20))
    return ". ".join(sentences) + "."


# In batches, with arrays ($1 …): what a handler that takes a whole batch does.
INGEST_MANY = (
    "INSERT INTO articles (id, revision, headline, body)"
    " SELECT id, 1, headline, body FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (id, headline, body)"
)
ENRICH_MANY = (
    "INSERT INTO enriched (article_id, revision, tags) SELECT id, 1, $2 FROM unnest($1::uuid[]) AS new (id)"
    " ON CONFLICT (article_id) DO UPDATE SET revision = excluded.revision, tags = excluded.tags"
)
KEEP_MANY = (
    "INSERT INTO drafts (article_id, revision, headline, body)"
    " SELECT id, 1, headline, body FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (id, headline, body)"
    " ON CONFLICT (article_id) DO UPDATE SET headline = excluded.headline, body = excluded.body"
    " RETURNING article_id, headline, body, tags"
)
TAG_MANY = (
    "INSERT INTO drafts (article_id, revision, tags)"
    " SELECT id, 1, tags FROM unnest($1::uuid[], $2::text[]) AS new (id, tags)"
    " ON CONFLICT (article_id) DO UPDATE SET tags = excluded.tags"
    " RETURNING article_id, headline, body, tags"
)

# One by one ($1 …): what a task of a task queue does.
INGEST_ONE = "INSERT INTO articles (id, revision, headline, body) VALUES ($1, 1, $2, $3)"
ENRICH_ONE = (
    "INSERT INTO enriched (article_id, revision, tags) VALUES ($1, 1, $2)"
    " ON CONFLICT (article_id) DO UPDATE SET revision = excluded.revision, tags = excluded.tags"
)
KEEP_ONE = (
    "INSERT INTO drafts (article_id, revision, headline, body) VALUES ($1, 1, $2, $3)"
    " ON CONFLICT (article_id) DO UPDATE SET headline = excluded.headline, body = excluded.body"
    " RETURNING article_id, headline, body, tags"
)
TAG_ONE = (
    "INSERT INTO drafts (article_id, revision, tags) VALUES ($1, 1, $2)"
    " ON CONFLICT (article_id) DO UPDATE SET tags = excluded.tags"
    " RETURNING article_id, headline, body, tags"
)
#: The peers' log: a number for the publication, kept with the draft.
PUBLISH_ONE = "UPDATE drafts SET published = nextval('publications') WHERE article_id = $1"
PEERS_SCHEMA = "CREATE SEQUENCE publications"


def psycopg(statement: str) -> str:
    """The same statement with psycopg's placeholders."""
    for number in (1, 2, 3):
        statement = statement.replace(f"${number}", "%s")
    return statement


def publication(article_id: str, headline: str, body: str, tags: str) -> str:
    """What peers and the hand-written line put on the stream: the fields the runtime's publication carries."""
    return json.dumps(
        {
            "article_id": article_id,
            "revision": 1,
            "slug": article_id,
            "url": f"http://127.0.0.1/articles/{article_id}",
            "headline": headline,
            "body_html": body,
            "language": "en",
            "outlet": "bench",
            "source_url": "http://127.0.0.1/",
            "tags": json.loads(tags),
        }
    )
