"""The vocabulary as an immutable snapshot: names and aliases that lead to tags, found in a text in one pass."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import ahocorasick

from services.enrichment.domain.draft import TagFound, TagKind
from services.enrichment.domain.text import fold

_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class KnownTag:
    """A tag that a text may be matched with. `settled` are those that a person or an import made, name and kind."""

    slug: str
    name: str
    kind: TagKind
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """A tag that stands in a text: as it is written there, how often, from which character on, and in the headline."""

    tag: KnownTag
    written: str
    count: int
    first: int
    titled: bool


def _form(name: str) -> str:
    """How a name is compared: small letters, accents kept (they tell Vietnamese words apart), single spaces."""
    return " ".join(name.lower().split())


@dataclass(frozen=True)
class Vocabulary:
    """All known tags. `refused` are slugs that people rejected as tags of anything."""

    tags: Mapping[str, KnownTag] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    automaton: ahocorasick.Automaton | None = None

    @classmethod
    def of(cls, tags: Iterable[KnownTag], refused: Iterable[str] = ()) -> "Vocabulary":
        """Build the snapshot: about a second for 100,000 tags."""
        held = {t.slug: t for t in tags}
        forms: dict[str, str] = {}
        for tag in held.values():
            for name in (tag.name, *tag.aliases):
                forms.setdefault(_form(name), tag.slug)
        machine = ahocorasick.Automaton()
        for form, slug in forms.items():
            if len(form) >= _SHORTEST:
                machine.add_word(form, (slug, len(form)))
        if len(machine):
            machine.make_automaton()
        return cls(held, forms, frozenset(refused), machine if len(machine) else None)

    def find(self, name: str) -> KnownTag | None:
        """The tag a name or alias leads to."""
        found = self.forms.get(_form(name))
        if found is None and (folded := fold(name)) != name.lower():
            found = self.forms.get(_form(folded))
        return self.tags[found] if found else None

    def settled(self, slug: str) -> bool:
        """Whether a person or an import made this a tag."""
        return slug in self.tags and self.tags[slug].settled

    def standing_in(self, headline: str, body: str) -> list[Standing]:
        """Tags whose name or alias stands in the text as whole words."""
        if self.automaton is None:
            return []
        text = f"{headline}\n{body}"
        small = text.lower()
        written = text if len(small) == len(text) else small  # a few letters are two when they are small
        hits: dict[str, list[tuple[int, int]]] = {}
        for slug, start, end in _whole(small, self.automaton.iter(small)):
            hits.setdefault(slug, []).append((start, end))
        title = len(headline)
        return [
            Standing(
                self.tags[slug],
                written[spans[0][0] : spans[0][1]],
                len(spans),
                max(0, spans[0][0] - title),
                spans[0][0] < title,
            )
            for slug, spans in hits.items()
        ]


def kinds_said(found: Iterable[TagFound]) -> dict[str, tuple[TagKind, int]]:
    """The kind that most of these mentions of a tag speak for, by slug, and how many more than speak for others.

    A mention that names no kind says nothing; a tag of which all say nothing is left out.
    """
    said: dict[str, Counter[TagKind]] = {}
    for tag in found:
        if tag.judged and tag.judged != "topic":
            said.setdefault(tag.slug, Counter())[tag.judged] += 1
    most = {slug: kinds.most_common(1)[0] for slug, kinds in said.items()}
    return {slug: (kind, max(0, 2 * count - said[slug].total())) for slug, (kind, count) in most.items()}


def _whole(text: str, found: Iterator[tuple[int, tuple[str, int]]]) -> Iterator[tuple[str, int, int]]:
    for end, (slug, length) in found:
        start, after = end - length + 1, end + 1
        if (start == 0 or not text[start - 1].isalnum()) and (after >= len(text) or not text[after].isalnum()):
            yield slug, start, after
