"""Vocabularies as others publish them: IPTC Media Topics (SKOS as JSON) and plain CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.enrichment.domain.text import slug

KINDS = ("person", "organisation", "place", "event", "topic")
COLUMNS = ("name", "kind", "aliases", "parent", "definition")


class BadVocabulary(ValueError):
    """A vocabulary that cannot be read; the message names the place and what is wanted there."""


@dataclass(frozen=True, slots=True)
class ImportedTag:
    """A tag to enter. `parent` is a slug."""

    slug: str
    name: str
    kind: str = "topic"
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    definition: str = field(default="")


def read_media_topics(text: str, language: str = "en-GB") -> list[ImportedTag]:
    """IPTC Media Topics as published (`conceptSet` of SKOS concepts). Retired concepts are left out."""
    try:
        concepts = json.loads(text)["conceptSet"]
        live = [c for c in concepts if "retired" not in c and c.get("prefLabel", {}).get(language)]
        slugs = _distinct({_code(c["uri"]): c["prefLabel"][language] for c in live})
        return [_topic(c, slugs, language) for c in live]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadVocabulary(f"not IPTC Media Topics JSON: a `conceptSet` of concepts is wanted ({error!r})") from error


def _code(name: str) -> str:
    """A concept's number, from its address or its short form: `medtop:06000000` → `06000000`."""
    return name.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _distinct(names: dict[str, str]) -> dict[str, str]:
    """A slug for each name; a second one of the same spelling gets its code, so that nothing is lost."""
    taken: dict[str, str] = {}
    for code, name in names.items():
        wanted = slug(name)
        taken[code] = wanted if wanted not in taken.values() else f"{wanted}-{code}"
    return taken


def _topic(concept: dict[str, Any], slugs: dict[str, str], language: str) -> ImportedTag:
    broader = [_code(b) for b in concept.get("broader", ())]
    above = next((slugs[b] for b in broader if b in slugs), None)
    others = concept.get("altLabel", {}).get(language, ())
    aliases = [others] if isinstance(others, str) else list(others)
    definition = concept.get("definition", {}).get(language, "")
    return ImportedTag(
        slugs[_code(concept["uri"])], concept["prefLabel"][language], "topic", tuple(aliases), above, definition
    )


def read_csv(text: str) -> list[ImportedTag]:
    """CSV with a header of `name` and any of kind, aliases (separated by `|`), parent (a name), definition."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    if "name" not in (rows.fieldnames or ()):
        raise BadVocabulary(
            f"line 1: a header with a column `name` is wanted; columns understood: {', '.join(COLUMNS)}"
        )
    return list(_tags(rows))


def _tags(rows: Iterable[Mapping[str, str | None]]) -> Iterator[ImportedTag]:
    for at, row in enumerate(rows, 2):
        name, kind = (row["name"] or "").strip(), (row.get("kind") or "topic").strip()
        if not slug(name):
            raise BadVocabulary(f"line {at}: the name {name!r} has no letters to make an id of")
        if kind not in KINDS:
            raise BadVocabulary(f"line {at}: kind is {kind!r}; one of {', '.join(KINDS)} is wanted")
        aliases = tuple(a.strip() for a in (row.get("aliases") or "").split("|") if a.strip())
        parent = slug((row.get("parent") or "").strip()) or None
        yield ImportedTag(slug(name), name, kind, aliases, parent, (row.get("definition") or "").strip())
