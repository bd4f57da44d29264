"""Names in English: capitalised runs with the small words that belong to them, and what kind of thing each names."""

import re
from collections import Counter
from collections.abc import Iterator

from services.enrichment.domain import lexicon_en as en
from services.enrichment.domain import lexicon_vi as vi
from services.enrichment.domain.background import background
from services.enrichment.domain.draft import TagKind
from services.enrichment.domain.gazetteer import gazetteer
from services.enrichment.domain.mention import LONGEST, OPENERS, Mention, speaks, stands_where
from services.enrichment.domain.text import fold, stem

_ACTS_BELOW = 4.5
_LISTED, _LISTED_ALONE = 4.6, 3.2  # Zipf values from which a sentence's first word is taken for an ordinary one
_TITLED = en.BEFORE_TITLES | en.TITLES
_TITLED_OR_POINT = _TITLED | {"."}
_TITLELESS_ENDS = en.ORGANISATION_ENDS | en.EVENT_ENDS
_WHERE_ALONE = frozenset({"in", "near", "around", "outside", "off"})
_WHERE = _WHERE_ALONE | {"at", "from"}
_WHERE_OR_TO = _WHERE | {"to", "of", "for"}
_EVERYBODYS, _WORDS_OF_NAMES = 5.8, 4.0
#: Vietnamese names in English stand there without marks; some spellings are nobody else's.
_SYLLABLE = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|nh|ng|[cmnpt])?$")
_VIETNAMESE = re.compile(r"(?:ngh|ng|nh|ph|kh|tr|qu)[aeiouy]|\w*(?:[aeiouy]nh|uo[ci]?|uy|uong|ieu)$")
_SURNAMES = frozenset(map(fold, vi.SURNAMES))


def english_runs(tokens: list[str], small: Counter[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words with the small words that belong to a name; a sentence's first must earn its place."""
    done = 0
    for at in [i for i, t in enumerate(tokens) if t[0].isupper() and _capital(t)]:
        if at < done:
            continue
        end = at + 1
        while end < len(tokens) and end - at < LONGEST and not _ends_with_owner(tokens, end):
            step = 1 if _capital(tokens[end]) else _joined(tokens, at, end)
            if not step:
                break
            end += step
        done = end
        start, end = _trimmed(tokens, at, end, small)
        if end > start and not all(len(t) == 1 for t in tokens[start:end]):
            yield start, end


def _ends_with_owner(tokens: list[str], end: int) -> bool:
    """Whether the word before is a place or stands before a title, and owns what follows (`Belgium's King`)."""
    owner = tokens[end - 1]
    if not owner.endswith(("'s", "’s")):
        return False
    return owner[:-2].isupper() or bool(gazetteer().place(fold(owner[:-2]))) or tokens[end].lower() in _TITLED


def _joined(tokens: list[str], start: int, end: int) -> int:
    """How many words further the name goes on over small words (`van den Berg`, `Bank of England`), 0 where it ends."""
    rest = tokens[end : end + 4]
    if rest[0] == "." and len(tokens[end - 1]) <= 2 and len(rest) > 1 and _capital(rest[1]):
        return 2
    if rest[0] in "'’" and tokens[end - 1].endswith("s") and len(rest) > 1 and _capital(rest[1]):
        return 2
    lower = rest[0].lower()
    after = next((i for i, t in enumerate(rest) if i and _capital(t)), 0)
    between = rest[1:after]
    if not after or not all(t in en.INNER or t == "the" for t in between):
        return 0
    last = tokens[end - 1].lower()
    if lower in en.PARTICLES:
        return after + 1
    if lower in {"of", "for", "on"} and (last in en.HEADS_OF or (lower != "of" and last in en.ORGANISATION_ENDS)):
        return after + 1
    if lower == "and" and end - start <= 3:  # `Food and Drug Administration`, never two people
        tail = end + after
        while tail < len(tokens) and _capital(tokens[tail]):
            tail += 1
        one = last not in en.ORGANISATION_ENDS and tokens[start].lower() not in en.GIVEN
        return after + 1 if one and tail - end > 2 and tokens[tail - 1].lower() in en.ORGANISATION_ENDS else 0
    return 0


def _trimmed(tokens: list[str], start: int, end: int, small: Counter[str]) -> tuple[int, int]:
    """A run without what only begins its sentence, without titles before it and the calendar around it."""
    opening = start == 0 or tokens[start - 1] in OPENERS
    if tokens[start].lower() in en.DETERMINERS:
        start += 0 if end - start == 2 and " ".join(tokens[start:end]).lower() in en.NAMES_WITH_THE else 1
        opening = False
    known = background("en")
    while start < end and opening:
        lower, alone = tokens[start].lower(), end - start == 1
        if not _common(tokens[start], alone, small, known.zipf(lower)) or (alone and _acts(tokens, start, small)):
            break
        if not alone and lower in en.GIVEN:
            break
        if not alone and known.zipf(lower) < 5.2 and lower not in small:
            break
        start += 1
    start = _after_title(tokens, start, end)
    while start < end and (tokens[start] in en.INNER or tokens[start] == "." or tokens[start].lower() in en.CALENDAR):
        start += 1
    while end > start and (tokens[end - 1] in en.INNER or tokens[end - 1].lower() in en.CALENDAR):
        end -= 1
    if end - start == 1 and _no_name(tokens[start].lower()):
        return end, end
    return start, end


def _no_name(lower: str) -> bool:
    """Whether one capitalised word names nobody: people of a country, a title alone, a contraction."""
    if lower in en.DEMONYMS or lower.removesuffix("s") in en.DEMONYMS or lower in en.TITLES:
        return True
    return re.search(r"(?:['’](?:ll|re|ve|m|d)|n['’]t)$", lower) is not None


def _after_title(tokens: list[str], start: int, end: int) -> int:
    """Where the name begins behind `Prime Minister`, `Chief Executive`, `Dr.`; an organisation keeps it all."""
    if tokens[end - 1].lower() in _TITLELESS_ENDS:
        return start
    at = start
    while at < end and tokens[at].lower() in _TITLED_OR_POINT:
        at += 1
    titles = [i for i in range(start, at) if tokens[i].lower() in en.TITLES]
    return at if titles and at < end else (end if titles and at == end and end - start > 1 else start)


def _acts(tokens: list[str], at: int, small: Counter[str]) -> bool:
    """Whether a single first word does something as only a name does: `Boeing delivered`, `Omar, 14,`."""
    word, after = tokens[at].lower(), tokens[at + 1 : at + 3]
    if not after or small[word] or background("en").zipf(word) >= _ACTS_BELOW or background("en").zipf(stem(word)) >= 4:
        return False
    if word.endswith("s") and background("en").zipf(stem(word)) >= 3:
        return False
    aged = len(after) == 2 and after[0] == "," and after[1].isdigit()
    return aged or after[0] in en.ACTS or (after[0].endswith("ed") and len(after[0]) > 4)


def _capital(token: str) -> bool:
    return token[0].isupper() and (len(token) > 1 or token not in ("I", "A"))


def _common(token: str, alone: bool, small: Counter[str], zipf: float) -> bool:
    """Whether a capital at the start of a sentence is only that; a word that stands alone needs better grounds."""
    lower = token.lower()
    if token[1:].isupper():
        return False
    if small[lower] > 0 or lower in en.CALENDAR:
        return True
    return zipf >= (_LISTED_ALONE if alone else _LISTED) and not gazetteer().place(lower)


def english_kind(small: str, words: list[str], found: list[Mention], listed: str) -> tuple[TagKind | None, str]:
    if small in en.CALENDAR or len(small) < 2 or _ordinary(words, found, listed):
        return None, ""
    title = next((t for m in found for t in _titles_before(m)), "")
    head = next((words[:at] for at, w in enumerate(words) if at and w in {"of", "for", "on"}), words)
    last, first, several = head[-1], words[0], len(words) > 1
    short = not several and found[0].words[0].isupper()
    the = several and any(m.before and m.before[-1] == "the" for m in found)
    syllables = several and all(map(_SYLLABLE.match, words))
    local = syllables and (any(map(_VIETNAMESE.match, words)) or stands_where(found, _WHERE_OR_TO))
    signs: tuple[tuple[bool, TagKind, str], ...] = (
        (bool(title), "person", f"after the title {title}"),
        (last in en.EVENT_ENDS or first in en.EVENT_STARTS, "event", "named like an event"),
        (small in en.SHORT_PLACES, "place", "an abbreviation of a place"),
        (last in en.ORGANISATION_ENDS or first in en.ORGANISATION_STARTS, "organisation", "named like an organisation"),
        (bool(listed), "place", listed),
        (last in en.PLACE_ENDS or (several and first in en.PLACE_STARTS), "place", "named like a place"),
        (_beside(found, en.PLACE_BEHIND), "place", "beside a word for a place"),
        (first in en.GIVEN and 1 < len(words) <= 4, "person", f"given name {first.title()}"),
        (small in en.SHORT_THINGS, "topic", "an abbreviation"),
        (short, "organisation", "an abbreviation"),
        (
            _beside(found, en.ORGANISATION_BEHIND) or _employs(found),
            "organisation",
            "beside a word for an organisation",
        ),
        (local and words[0] in _SURNAMES, "person", f"surname {first.title()}"),
        (local, "place", "syllables without a surname"),
        (stands_where(found, _WHERE_ALONE if several else _WHERE), "place", "things happen in it"),
        (the, "organisation", "“the” stands before it"),
        (several and _all_ordinary(words) and not speaks(found), "topic", "a name of ordinary words"),
        (1 < len(words) <= 3 and not (en.INNER - en.PARTICLES) & set(words), "person", "two or three names in a row"),
    )
    return next(((kind, evidence) for holds, kind, evidence in signs if holds), ("topic", "a name"))


def _ordinary(words: list[str], found: list[Mention], listed: str) -> bool:
    """Whether one word, now and then with a capital, is only what everybody says (`That`, `Rs`)."""
    if len(words) > 1 or listed or words[0] in en.GIVEN:
        return False
    return words[0] == "rs" or (not found[0].words[0].isupper() and background("en").zipf(words[0]) >= _EVERYBODYS)


def _all_ordinary(words: list[str]) -> bool:
    """Whether a name is made of common words alone (`Star Trek`, `Home Depot`), as people's names seldom are."""
    known = background("en")
    return all(known.zipf(w) >= _WORDS_OF_NAMES for w in words)


def _beside(found: list[Mention], heads: frozenset[str]) -> bool:
    """Whether such a word stands right behind the name, or with "of" before it (`the port of Lang Ha`)."""
    return any(
        m.after in heads or (m.before[-1:] == ("of",) and m.before[-2:-1] and m.before[-2] in heads) for m in found
    )


def _employs(found: list[Mention]) -> bool:
    """Whether somebody is something there (`an analyst at Miller Tabak`)."""
    return any(m.before[-1:] == ("at",) and len(m.before) > 1 and m.before[-2] in en.ROLES for m in found)


def _titles_before(mention: Mention) -> list[str]:
    """The title right before a mention, with or without its point (`Mr. Smith`)."""
    words = [w for w in mention.before if w != "."]
    return [w for w in words[-1:] if w in en.TITLES]
