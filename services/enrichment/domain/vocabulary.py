"""The vocabulary as an immutable snapshot: names and aliases that lead to tags, found in a text in one pass."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import ahocorasick

from services.enrichment.domain.draft import TagKind
from services.enrichment.domain.text import fold

_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class KnownTag:
    """A tag that a text may be matched with."""

    slug: str
    name: str
    kind: TagKind
    aliases: tuple[str, ...] = ()
    parent: str | None = None


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

    def standing_in(self, headline: str, body: str) -> list[tuple[KnownTag, str, int]]:
        """Tags whose name or alias stands in the text as whole words: the tag, the form found, how often."""
        if self.automaton is None:
            return []
        text = f"{headline}\n{body}".lower()
        hits: Counter[tuple[str, str]] = Counter(_whole(text, self.automaton.iter(text)))
        best: dict[str, tuple[str, int]] = {}
        for (slug, form), count in hits.items():
            held = best.get(slug)
            best[slug] = (form, count + (held[1] if held else 0))
        return [(self.tags[s], form, count) for s, (form, count) in best.items()]


def _whole(text: str, found: Iterator[tuple[int, tuple[str, int]]]) -> Iterator[tuple[str, str]]:
    for end, (slug, length) in found:
        start = end - length + 1
        if (start == 0 or not text[start - 1].isalnum()) and (end + 1 >= len(text) or not text[end + 1].isalnum()):
            yield slug, text[start : end + 1]
