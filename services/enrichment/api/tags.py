"""The vocabulary: list, create, rename, give aliases, merge; an act that changes articles' tags tells them again."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.enrichment.domain.imports import BadVocabulary, read_csv, read_media_topics
from services.enrichment.storage import vocabulary
from services.enrichment.storage.tables import VocabularyTag
from services.enrichment.use_cases import curating
from shared.events import Role
from shared.runtime import (
    DoorRouter,
    Page,
    Problem,
    Reading,
    Tx,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    utc_now,
)

router = DoorRouter(tags=["vocabulary"])

Kind = Literal["person", "organisation", "place", "event", "topic"]
Status = Literal["proposed", "known", "rejected", "merged"]


class TagView(BaseModel):
    """A tag of the vocabulary. `uses` counts articles it was found in."""

    slug: str
    name: str
    kind: Kind
    status: Status
    aliases: list[str]
    parent: str | None
    merged_into: str | None
    definition: str
    origin: str
    uses: int
    version: int
    changed_at: datetime


class CreateTag(BaseModel):
    """A new tag, known from the start."""

    name: str = Field(min_length=2, max_length=120)
    kind: Kind = "topic"
    aliases: list[str] = Field(default=[], max_length=50)
    parent: str | None = None
    definition: str = Field(default="", max_length=2_000)


class ChangeTag(BaseModel):
    """What to change of a tag; what is left out stays."""

    name: str | None = Field(default=None, min_length=2, max_length=120)
    kind: Kind | None = None
    status: Literal["known", "rejected"] | None = None
    aliases: list[str] | None = Field(default=None, max_length=50)
    parent: str | None = None
    definition: str | None = Field(default=None, max_length=2_000)


class MergeTag(BaseModel):
    """The tag that the merged one becomes part of."""

    into: str


@router.get("/v1/tags", dependencies=[allow(Role.PUBLIC)])
async def list_tags(
    request: Request,
    response: Response,
    session: Reading,
    status: Status | None = None,
    kind: Kind | None = None,
    q: Annotated[str | None, Query(max_length=120)] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[TagView]:
    """Tags, most used first; `q` is the beginning of a name, with or without accents."""
    after = decode_cursor(cursor, int, str) if cursor else None
    like = curating.slug_of(q) if q else None
    rows = await vocabulary.listed(
        session, status=status, kind=kind, like=like, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    following = encode_cursor(rows[limit - 1].uses, rows[limit - 1].slug) if len(rows) > limit else None
    link_next(response, request, following)
    return Page[TagView](items=[_view(r) for r in rows[:limit]], next=following)


@router.get("/v1/tags/{slug}", dependencies=[allow(Role.PUBLIC)])
async def one_tag(slug: str, session: Reading) -> TagView:
    """One tag; one that was merged says into which."""
    found = await vocabulary.by_slug(session, slug)
    if found is None:
        raise _missing(slug)
    return _view(found)


@router.post("/v1/tags", status_code=201, dependencies=[allow(Role.EDITOR)])
async def create_tag(body: CreateTag, tx: Tx) -> TagView:
    """Create a tag, or make a proposed one of that name known."""
    made = await curating.create(tx.session, body.model_dump(), utc_now())
    if isinstance(made, str):
        raise Problem(409, "tag-exists", "There is such a tag.", detail=made)
    return _view(made)


@router.patch("/v1/tags/{slug}", dependencies=[allow(Role.EDITOR)])
async def change_tag(slug: str, body: ChangeTag, tx: Tx) -> TagView:
    """Rename a tag, change its kind, aliases or parent, make it known or reject it; its articles are told again."""
    changed = await curating.change(tx.session, slug, body.model_dump(exclude_unset=True), utc_now())
    if changed is None:
        raise _missing(slug)
    if isinstance(changed, str):
        raise Problem(409, "tag-conflict", "That does not fit the vocabulary.", detail=changed)
    return _view(changed)


@router.post("/v1/tags/{slug}/merge", dependencies=[allow(Role.EDITOR)])
async def merge_tag(slug: str, body: MergeTag, tx: Tx) -> TagView:
    """Merge a tag into another: its names become aliases there, and its articles are told again with the other tag."""
    merged = await curating.merge(tx.session, slug, body.into, utc_now())
    if merged is None:
        raise _missing(f"{slug}` or `{body.into}")
    if isinstance(merged, str):
        raise Problem(409, "tag-conflict", "These cannot be merged.", detail=merged)
    return _view(merged)


class ImportVocabulary(BaseModel):
    """A vocabulary as published: the text of an IPTC Media Topics JSON file, or of a CSV file."""

    format: Literal["iptc", "csv"]
    text: str = Field(max_length=20_000_000)


class Imported(BaseModel):
    """How many tags were entered; those that people made or changed are not touched."""

    tags: int


@router.post("/v1/tags/import", dependencies=[allow(Role.EDITOR, Role.OPERATOR)])
async def import_vocabulary(body: ImportVocabulary, tx: Tx) -> Imported:
    """Import a vocabulary. Articles that come from now on are matched with it; a reindex matches older ones."""
    try:
        tags = read_media_topics(body.text) if body.format == "iptc" else read_csv(body.text)
    except BadVocabulary as error:
        raise Problem(422, "bad-vocabulary", "The vocabulary cannot be read.", detail=str(error)) from error
    return Imported(tags=await curating.import_tags(tx.session, tags, body.format, utc_now()))


def _missing(slug: str) -> Problem:
    return Problem(404, "no-such-tag", "No such tag.", detail=f"The vocabulary has no `{slug}`. GET /v1/tags lists it.")


def _view(tag: VocabularyTag) -> TagView:
    return TagView(**{name: getattr(tag, name) for name in TagView.model_fields})
