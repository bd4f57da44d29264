"""Curating the vocabulary: what people decide of tags; articles concerned are put on the list to be read again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.imports import ImportedTag
from services.enrichment.domain.text import slug as slug_of
from services.enrichment.storage import rereading, vocabulary
from services.enrichment.storage.tables import VocabularyTag

__all__ = ["change", "create", "import_tags", "merge", "slug_of"]


async def create(session: AsyncSession, given: Mapping[str, Any], now: datetime) -> VocabularyTag | str:
    """A new known tag; a proposal of the same slug becomes it. A string says why not."""
    slug = slug_of(given["name"])
    if not slug:
        return f"“{given['name']}” has no letters to make an id of."
    held = await vocabulary.by_slug(session, slug, lock=True)
    if held is not None and held.status in ("known", "merged"):
        return f"`{slug}` is {held.status}; change it instead."
    if problem := await _parent_problem(session, slug, given.get("parent")):
        return problem
    tag = held or VocabularyTag(slug=slug, name=given["name"], kind=given["kind"], changed_at=now)
    _put(tag, {**given, "status": "known", "origin": "person"}, now)
    await vocabulary.add(session, tag)
    await rereading.ask_tagged(session, slug, now)
    return tag


async def change(
    session: AsyncSession, slug: str, given: Mapping[str, Any], now: datetime
) -> VocabularyTag | str | None:
    """Change a tag. None: no such tag; a string says why not."""
    tag = await vocabulary.by_slug(session, slug, lock=True)
    if tag is None:
        return None
    if tag.status == "merged":
        return f"`{slug}` was merged into `{tag.merged_into}`; change that one."
    if problem := await _parent_problem(session, slug, given.get("parent")):
        return problem
    old = tag.name
    values = {k: v for k, v in given.items() if v is not None or k == "parent"}
    if values.get("name", old) != old:
        aliases = values.get("aliases", tag.aliases)
        values["aliases"] = [*aliases, old] if old not in aliases else aliases
    values.setdefault("status", "known")
    _put(tag, values, now)
    await vocabulary.add(session, tag)
    await rereading.ask_tagged(session, slug, now)
    return tag


async def merge(session: AsyncSession, slug: str, into: str, now: datetime) -> VocabularyTag | str | None:
    """Make one tag part of another. None: one of them is not there; a string says why not."""
    if slug == into:
        return "A tag cannot be merged into itself."
    first, second = sorted((slug, into))
    held = {s: await vocabulary.by_slug(session, s, lock=True) for s in (first, second)}
    gone, kept = held[slug], held[into]
    if gone is None or kept is None:
        return None
    if kept.status == "merged":
        return f"`{into}` was itself merged into `{kept.merged_into}`."
    if gone.status == "merged":
        return f"`{slug}` was already merged into `{gone.merged_into}`."
    aliases = dict.fromkeys([*kept.aliases, gone.name, *gone.aliases])
    aliases.pop(kept.name, None)
    _put(kept, {"aliases": list(aliases), "status": "known", "uses": kept.uses + gone.uses}, now)
    _put(gone, {"status": "merged", "merged_into": into, "aliases": []}, now)
    await vocabulary.add(session, gone)
    await vocabulary.add(session, kept)
    await vocabulary.redirect(session, slug, into)
    await rereading.ask_tagged(session, slug, now)
    return kept


async def import_tags(session: AsyncSession, tags: Sequence[ImportedTag], origin: str, now: datetime) -> int:
    """Enter imported tags as known ones, in place of proposals and of what an earlier import wrote; people's stay."""
    rows = {
        t.slug: {
            "slug": t.slug, "name": t.name, "kind": t.kind, "aliases": list(t.aliases), "parent": t.parent,
            "definition": t.definition, "status": "known", "origin": origin, "changed_at": now,
        }
        for t in tags
    }  # fmt: skip
    kept = await vocabulary.of_people(session, rows.keys())
    return await vocabulary.upsert(session, [rows[s] for s in sorted(rows) if s not in kept])


async def _parent_problem(session: AsyncSession, slug: str, parent: str | None) -> str | None:
    """Why a parent cannot be: it is not there, or it stands below this tag."""
    seen = {slug}
    at = parent
    while at is not None:
        if at in seen:
            return f"`{parent}` stands below `{slug}` already: a tag cannot be above itself."
        seen.add(at)
        above = await vocabulary.by_slug(session, at)
        if above is None:
            return f"The parent `{at}` is not in the vocabulary."
        at = above.parent
    return None


def _put(tag: VocabularyTag, values: Mapping[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(tag, name, value)
    tag.version += 1
    tag.changed_at = now
