"""Has this story been seen under another name? The keys it is known by, and how much two texts of one source share.

Order of trust: guid, then folded address, then the text itself. Only articles of the same source are ever compared.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.domain.addresses import fold
from services.ingest.domain.items import Item
from services.ingest.domain.texts import words

_SHINGLE = 4  # words
_SKETCH = 32  # the smallest hashes of the text's shingles: two texts that share most of their words share some of these
_SHORTEST = 25  # words; shorter texts say too little to be recognised by what they say
_COPY = 0.72  # of the shorter text's shingles, for a copy in full or trimmed
_COPY_RETITLED = 0.80  # the same, when the headlines share nothing
_SHORTEST_SHARE = 0.38  # a copy may be trimmed to this part of the other; less is an excerpt
_FACTS = 0.6  # of the names and numbers in the text that has fewer; stories from one template share words, not these
_FEW = 5  # names and numbers; fewer decide nothing
_WINDOW = timedelta(days=14)
_INSIDE = re.compile(r"(?<![.!?…:]\s)(?<=[^\S\n])[^\W\d_]\w*|\d(?:[\d.,]*\d)?")  # words that start no sentence; numbers


@dataclass(frozen=True, slots=True)
class Known:
    """An article of the same source that may be the same story."""

    article_id: str
    headline: str
    body_text: str
    published_at: datetime | None
    guid: str | None = None


def keys_of(item: Item) -> list[str]:
    """The names an item goes by, most trusted first: its guid, its folded addresses."""
    keys = []
    if item.guid:
        folded = fold(item.guid)
        keys.append(f"guid:{_short(item.guid)}")
        if folded and "/" in folded:
            keys.append(f"url:{_short(folded)}")
    folds = (fold(link) for link in (item.canonical_url, item.url))
    keys += [
        f"url:{_short(folded)}" for folded in folds if folded and "/" in folded
    ]  # a home page is no story's address
    return list(dict.fromkeys(keys))


def fingerprint(headline: str, body: str) -> str:
    """A hash of the words a reader would read; blanks, case, typography and everything around the story do not
    count.
    """
    return hashlib.sha256(" ".join([*words(headline), "\n", *words(body)]).encode()).hexdigest()


def sketch(body: str) -> list[int]:
    """The `_SKETCH` smallest 63-bit hashes of the text's shingles; empty for texts too short to be known by them."""
    if len(words(body)) < _SHORTEST:
        return []
    return sorted(_shingles(body))[:_SKETCH]


def same_story(known: Known, item: Item) -> str | None:
    """Why an item is a story already known from the same source, or None. Both texts must say enough to be compared."""
    mine, theirs = _shingles(item.body_text), _shingles(known.body_text)
    if min(len(mine), len(theirs)) < _SHORTEST - _SHINGLE:
        return None
    if item.published_at and known.published_at and abs(item.published_at - known.published_at) > _WINDOW:
        return None
    shared = len(mine & theirs)
    share = shared / min(len(mine), len(theirs))
    length = min(len(mine), len(theirs)) / max(len(mine), len(theirs))
    titles = title_likeness(known.headline, item.headline)
    needed = _COPY if titles >= 0.3 else _COPY_RETITLED
    if share < needed or length < _SHORTEST_SHARE or not _same_facts(known.body_text, item.body_text):
        return None
    if _next_instalment(known.headline, item.headline) and share < 0.97:
        return None
    return f"{share:.0%} of the text is the same, headlines alike by {titles:.0%}"


def tells_another_story(known: Known, item: Item) -> bool:
    """Whether an address known for one story now carries another.

    Where the guid changed as well, two thirds of the words must still be shared, or the headline be much the same, and
    names and numbers agree. Otherwise almost nothing in common is asked for: a rewritten story keeps its address.
    """
    mine, theirs = _shingles(item.body_text), _shingles(known.body_text)
    if min(len(mine), len(theirs)) < _SHORTEST:
        return False
    shared = len(mine & theirs) / min(len(mine), len(theirs))
    renamed = known.guid is not None and item.guid is not None and known.guid != item.guid
    least, alike = (0.65, 0.6) if renamed else (0.05, 0.2)
    if shared < least and title_likeness(known.headline, item.headline) < alike:
        return True
    return renamed and not _same_facts(known.body_text, item.body_text)


def title_likeness(one: str, other: str) -> float:
    """How many words two headlines share, of those they have (Jaccard, 0..1)."""
    mine, theirs = set(words(one)), set(words(other))
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _same_facts(one: str, other: str) -> bool:
    """Whether two texts name the same people, places and numbers, as far as the one that names fewer goes."""
    mine, theirs = _facts(one), _facts(other)
    fewer = min(len(mine), len(theirs))
    return fewer < _FEW or len(mine & theirs) >= _FACTS * fewer


def _facts(text: str) -> set[str]:
    return {word for word in _INSIDE.findall(text) if word[0].isupper() or word[0].isdigit()}


def _next_instalment(one: str, other: str) -> bool:
    """Two headlines of a column that differ only in their numbers: `Morning briefing, 5 November` and `… 6
    November`.
    """
    mine, theirs = words(one), words(other)
    numbers = [w for w in mine if w.isdigit()], [w for w in theirs if w.isdigit()]
    return numbers[0] != numbers[1] and any(numbers) and title_likeness(one, other) >= 0.5


def _shingles(text: str) -> frozenset[int]:
    parts = words(text)
    return frozenset(
        int.from_bytes(hashlib.blake2b(" ".join(parts[i : i + _SHINGLE]).encode(), digest_size=8).digest()) >> 1
        for i in range(max(1, len(parts) - _SHINGLE + 1))
    )


def _short(key: str) -> str:
    """Keys stay readable; very long ones keep their beginning and a hash of the rest."""
    return key if len(key) <= 300 else f"{key[:200]}…{hashlib.sha256(key.encode()).hexdigest()[:32]}"
