"""Search words: a text and a query in the forms the index holds, accents kept and accents folded.

Every word is entered folded (`duong`), which is what a query must match; a word that has accents is entered a second
time as written, marked with `=` (`=đường`), which is what ranks an accented query's exact matches first.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from services.enrichment.domain.text import fold, tidy

_TOKEN = re.compile(r"[^\W_]+")
_MOST_POSITIONS: Final = 16_000
_LONGEST: Final = 81  # characters of a word and its mark
_LOOKED_THROUGH: Final = 100_000  # characters of a text searched for a stretch to show
_PLACES: Final = {weight: [f"{n}{weight}" for n in range(1, _MOST_POSITIONS + 2)] for weight in ("A", "")}
_QUERY = re.compile(r'"([^"]*)"|(\S+)')


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    return fold(word)


def search_words(text: str) -> list[str]:
    """The words of a text in small letters, accents kept, in order."""
    return _TOKEN.findall(tidy(text).lower())


def search_vector(headline: str, body: str) -> str:
    """A text as PostgreSQL reads a `tsvector`: words with positions, those of the headline with weight A."""
    places: dict[str, list[str]] = defaultdict(list)
    at = 0
    for text, weight in ((headline, "A"), (body, "")):
        found = search_words(text)[: max(0, _MOST_POSITIONS - at)]
        for word, place in zip(found, islice(_PLACES[weight], at, None), strict=False):
            places[word].append(place)
        at += len(found) + 1
    marked = []
    for word in [w for w in places if not w.isascii()]:  # no other word has an accent
        if (folded := _folded(word)) != word:
            held = places.pop(word)
            places[folded] += held
            marked.append((f"={word}", held))
    return " ".join(
        [
            f"'{form}':{held[0] if len(held) == 1 else ','.join(held[:24])}"
            for form, held in chain(places.items(), marked)
            if len(form) <= _LONGEST
        ]
    )


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: `parts` are phrases (words in order, as written); a part of one word is that word."""

    parts: tuple[tuple[str, ...], ...]
    excluded: tuple[tuple[str, ...], ...] = ()

    @property
    def words(self) -> list[str]:
        """All words sought, as written."""
        return [w for part in self.parts for w in part]

    def matching(self) -> str:
        """The query as a `tsquery` over folded words: all parts, phrases in order, none of the excluded."""
        wanted = [_phrase([fold(w) for w in part]) for part in self.parts]
        unwanted = [f"!{_phrase([fold(w) for w in part])}" for part in self.excluded]
        return " & ".join([*wanted, *unwanted])

    def accented(self) -> str:
        """The query as a `tsquery` over accented forms, "" where nothing was written with accents."""
        marked = [f"={w}" for w in self.words if fold(w) != w]
        return " & ".join(f"'{w}'" for w in marked)


def parse_query(text: str) -> Query:
    """Read a query: words, "phrases in quotes", -excluded words. Anything else is taken as words."""
    parts: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    for quoted, plain in _QUERY.findall(tidy(text)[:400]):
        found = tuple(search_words(quoted or plain))
        if not found:
            continue
        if plain.startswith("-") and len(plain) > 1:
            excluded.append(found)
        else:
            parts.append(found)
    return Query(tuple(parts[:24]), tuple(excluded[:8]))


def _phrase(words: Sequence[str]) -> str:
    return "(" + " <-> ".join(f"'{w}'" for w in words) + ")"


def highlighted(text: str, words: Sequence[str], around: int = 120) -> str:
    """The stretch of text with the most of the words, each between `<mark>` and `</mark>`; the rest HTML-escaped."""
    sought = {fold(w) for w in words}
    text = text[:_LOOKED_THROUGH]
    hits = [m for m in _TOKEN.finditer(text) if _folded(m.group()) in sought]
    if not hits:
        return _escaped(text[: 2 * around].strip())
    starts = [m.start() for m in hits]
    following = [bisect_left(starts, at + 2 * around) - n for n, at in enumerate(starts)]  # hits in reach of each
    best = hits[following.index(max(following))]
    start, end = max(0, best.start() - around), min(len(text), best.start() + 2 * around)
    made, at = [], start
    for m in hits:
        if m.start() >= start and m.end() <= end:
            made += [_escaped(text[at : m.start()]), "<mark>", _escaped(m.group()), "</mark>"]
            at = m.end()
    made.append(_escaped(text[at:end]))
    return ("… " if start else "") + "".join(made).strip() + (" …" if end < len(text) else "")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
