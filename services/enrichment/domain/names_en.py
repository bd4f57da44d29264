"""Names in English: capitalised runs with the small words that belong to them, and what kind of thing each names."""

import re
from collections.abc import Iterator, Set

from services.enrichment.domain import lexicon_en as en
from services.enrichment.domain import lexicon_vi as vi
from services.enrichment.domain.background import background
from services.enrichment.domain.draft import TagKind
from services.enrichment.domain.gazetteer import gazetteer
from services.enrichment.domain.mention import LONGEST, OPENERS, OWNS, Mention, speaks, stands_where
from services.enrichment.domain.text import fold, stem

_ALONE = frozenset({"I", "A"})  # capitals that begin no name
_OF = frozenset({"of", "for", "on"})
_JOINS = en.PARTICLES | _OF | {".", "'", "’", "and"}
_CONTRACTED = ("'ll", "'re", "'ve", "'m", "'d", "n't", "’ll", "’re", "’ve", "’m", "’d", "n’t")
_ACTS_BELOW = 4.5
_LISTED, _LISTED_ALONE = 4.6, 3.2  # Zipf values from which a sentence's first word is taken for an ordinary one
_TITLED = en.BEFORE_TITLES | en.TITLES
_TITLED_OR_POINT = _TITLED | {"."}
_LINKS = en.INNER - en.PARTICLES
_INNER_OR_POINT = en.INNER | {"."}
_TITLELESS_ENDS = en.ORGANISATION_ENDS | en.EVENT_ENDS
_WHERE_ALONE = frozenset({"in", "near", "around", "outside", "off"})
_WHERE = _WHERE_ALONE | {"at", "from"}
_WHERE_OR_TO = _WHERE | {"to", "of", "for"}
_EVERYBODYS, _EVERYDAY, _WORDS_OF_NAMES = 5.8, 5.2, 4.0
#: Vietnamese names in English stand there without marks; some spellings are nobody else's.
_SYLLABLE = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|nh|ng|[cmnpt])?$")
_VIETNAMESE = re.compile(r"(?:ngh|ng|nh|ph|kh|tr|qu)[aeiouy]|\w*(?:[aeiouy]nh|uo[ci]?|uy|uong|ieu)$")
_SURNAMES = frozenset(map(fold, vi.SURNAMES))


def english_runs(tokens: list[str], small: Set[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words with the small words that belong to a name; a sentence's first must earn its place."""
    done, many = 0, len(tokens)
    for at in [i for i, t in enumerate(tokens) if t[0].isupper() and t not in _ALONE]:
        if at < done:
            continue
        end = at + 1
        while end < many and end - at < LONGEST and not (tokens[end - 1].endswith(OWNS) and _owns(tokens, end)):
            token = tokens[end]
            step = _joined(tokens, at, end) if token in _JOINS else token[0].isupper() and token not in _ALONE
            if not step:
                break
            end += step
        done = end
        start, end = _trimmed(tokens, at, end, small)
        if end > start and max(map(len, tokens[start:end])) > 1:
            yield start, end


def _owns(tokens: list[str], end: int) -> bool:
    """Whether the word before, with its 's, is a place or stands before a title (`Belgium's King`)."""
    owner = tokens[end - 1][:-2]
    return owner.isupper() or bool(gazetteer().place(fold(owner))) or tokens[end].lower() in _TITLED


def _joined(tokens: list[str], start: int, end: int) -> int:
    """How many words further the name goes on over small words (`van den Berg`, `Bank of England`), 0 where it ends."""
    rest = tokens[end : end + 4]
    if rest[0] == "." and len(tokens[end - 1]) <= 2 and len(rest) > 1 and _capital(rest[1]):
        return 2
    if rest[0] in "'’" and tokens[end - 1].endswith("s") and len(rest) > 1 and _capital(rest[1]):
        return 2
    joint, last = rest[0], tokens[end - 1].lower()
    after = next((i for i, t in enumerate(rest) if i and _capital(t)), 0)
    if not after or not en.INNER.issuperset(rest[1:after]):
        return 0
    if joint in en.PARTICLES:
        return after + 1
    if joint in _OF and (last in en.HEADS_OF or (joint != "of" and last in en.ORGANISATION_ENDS)):
        return after + 1
    if joint == "and" and end - start <= 3:  # `Food and Drug Administration`, never two people
        tail = end + after
        while tail < len(tokens) and _capital(tokens[tail]):
            tail += 1
        one = last not in en.ORGANISATION_ENDS and tokens[start].lower() not in en.GIVEN
        return after + 1 if one and tail - end > 2 and tokens[tail - 1].lower() in en.ORGANISATION_ENDS else 0
    return 0


def _trimmed(tokens: list[str], start: int, end: int, small: Set[str]) -> tuple[int, int]:
    """A run without what only begins its sentence, without titles before it and the calendar around it."""
    run, words = tokens[start:end], list(map(str.lower, tokens[start:end]))
    first, last = 0, len(run)
    if words[0] in en.DETERMINERS:
        first = 0 if last == 2 and " ".join(words) in en.NAMES_WITH_THE else 1
    elif start == 0 or tokens[start - 1] in OPENERS:
        first = _behind_opening(tokens, start, words, small)
    if first == last:
        return end, end
    first = _after_title(words, first)
    while first < last and (run[first] in _INNER_OR_POINT or words[first] in en.CALENDAR):
        first += 1
    while last > first and (run[last - 1] in en.INNER or words[last - 1] in en.CALENDAR):
        last -= 1
    if last - first == 1 and _no_name(words[first]):
        return end, end
    return start + first, start + last


def _behind_opening(tokens: list[str], start: int, words: list[str], small: Set[str]) -> int:
    """How many words of a run that begins a sentence only begin it."""
    for at, word in enumerate(words):
        alone, zipf = at == len(words) - 1, background("en").zipf(word)
        if not _common(tokens[start + at], word, alone, small, zipf) or (alone and _acts(tokens, start + at, small)):
            return at
        if not alone and (word in en.GIVEN or (zipf < _EVERYDAY and word not in small)):
            return at
    return len(words)


def _no_name(lower: str) -> bool:
    """Whether one capitalised word names nobody: people of a country, a title alone, a contraction."""
    if lower in en.DEMONYMS or lower.removesuffix("s") in en.DEMONYMS or lower in en.TITLES:
        return True
    return lower.endswith(_CONTRACTED)


def _after_title(words: list[str], start: int) -> int:
    """Where the name begins behind `Prime Minister`, `Chief Executive`, `Dr.`; an organisation keeps it all."""
    if words[-1] in _TITLELESS_ENDS:
        return start
    at = start
    while at < len(words) and words[at] in _TITLED_OR_POINT:
        at += 1
    titled = not en.TITLES.isdisjoint(words[start:at])
    return at if titled and (at < len(words) or at - start > 1) else start


def _acts(tokens: list[str], at: int, small: Set[str]) -> bool:
    """Whether a single first word does something as only a name does: `Boeing delivered`, `Omar, 14,`."""
    word, after, known = tokens[at].lower(), tokens[at + 1 : at + 3], background("en")
    if not after or word in small or known.zipf(word) >= _ACTS_BELOW:
        return False
    if known.zipf(stem(word)) >= (3 if word.endswith("s") else 4):
        return False
    aged = len(after) == 2 and after[0] == "," and after[1].isdigit()
    return aged or after[0] in en.ACTS or (after[0].endswith("ed") and len(after[0]) > 4)


def _capital(token: str) -> bool:
    return token[0].isupper() and token not in _ALONE


def _common(token: str, lower: str, alone: bool, small: Set[str], zipf: float) -> bool:
    """Whether a capital at the start of a sentence is only that; a word that stands alone needs better grounds."""
    if token[1:].isupper():
        return False
    if lower in small or lower in en.CALENDAR:
        return True
    return zipf >= (_LISTED_ALONE if alone else _LISTED) and not gazetteer().place(lower)


def english_kind(small: str, words: list[str], found: list[Mention], listed: str) -> tuple[TagKind | None, str]:
    if small in en.CALENDAR or len(small) < 2 or _ordinary(words, found, listed):
        return None, ""
    return next(_signs(small, words, found, listed), ("topic", "a name"))


def _signs(  # noqa: C901, PLR0912  # a list of signs, one after another
    small: str, words: list[str], found: list[Mention], listed: str
) -> Iterator[tuple[TagKind, str]]:
    """What speaks for a kind, the most telling first."""
    first, last, several = words[0], _head(words)[-1], len(words) > 1
    if title := next((t for m in found if (t := _title_before(m))), ""):
        yield "person", f"after the title {title}"
    if last in en.EVENT_ENDS or first in en.EVENT_STARTS:
        yield "event", "named like an event"
    if small in en.SHORT_PLACES:
        yield "place", "an abbreviation of a place"
    if last in en.ORGANISATION_ENDS or first in en.ORGANISATION_STARTS:
        yield "organisation", "named like an organisation"
    if listed:
        yield "place", listed
    if last in en.PLACE_ENDS or (several and first in en.PLACE_STARTS):
        yield "place", "named like a place"
    beside = _beside(found)
    if not en.PLACE_BEHIND.isdisjoint(beside):
        yield "place", "beside a word for a place"
    if first in en.GIVEN and 1 < len(words) <= 4:
        yield "person", f"given name {first.title()}"
    if small in en.SHORT_THINGS:
        yield "topic", "an abbreviation"
    if not several and found[0].words[0].isupper():
        yield "organisation", "an abbreviation"
    if not en.ORGANISATION_BEHIND.isdisjoint(beside) or _employs(found):
        yield "organisation", "beside a word for an organisation"
    if several and all(map(_SYLLABLE.match, words)) and _is_local(words, found):
        yield ("person", f"surname {first.title()}") if first in _SURNAMES else ("place", "syllables without a surname")
    if stands_where(found, _WHERE if not several else _WHERE_ALONE):
        yield "place", "things happen in it"
    if several and any(m.before[-1:] == ("the",) for m in found):
        yield "organisation", "“the” stands before it"
    if several and _all_ordinary(words) and not speaks(found):
        yield "topic", "a name of ordinary words"
    if 1 < len(words) <= 3 and _LINKS.isdisjoint(words):
        yield "person", "two or three names in a row"


def _head(words: list[str]) -> list[str]:
    """The words before "of", "for", "on", which say what the whole is."""
    return next((words[:at] for at, w in enumerate(words) if at and w in _OF), words)


def _is_local(words: list[str], found: list[Mention]) -> bool:
    """Whether syllables that could be anybody's are Vietnamese ones: by their spelling, or by where they stand."""
    return any(map(_VIETNAMESE.match, words)) or stands_where(found, _WHERE_OR_TO)


def _ordinary(words: list[str], found: list[Mention], listed: str) -> bool:
    """Whether one word, now and then with a capital, is only what everybody says (`That`, `Rs`)."""
    if len(words) > 1 or listed or words[0] in en.GIVEN:
        return False
    return words[0] == "rs" or (not found[0].words[0].isupper() and background("en").zipf(words[0]) >= _EVERYBODYS)


def _all_ordinary(words: list[str]) -> bool:
    """Whether a name is made of common words alone (`Star Trek`, `Home Depot`), as people's names seldom are."""
    known = background("en")
    return all(known.zipf(w) >= _WORDS_OF_NAMES for w in words)


def _beside(found: list[Mention]) -> set[str]:
    """The words right behind the name, and those before it with "of" between (`the port of Lang Ha`)."""
    return {m.after for m in found} | {m.before[-2] for m in found if m.before[-1:] == ("of",) and len(m.before) > 1}


def _employs(found: list[Mention]) -> bool:
    """Whether somebody is something there (`an analyst at Miller Tabak`)."""
    return any(m.before[-1:] == ("at",) and len(m.before) > 1 and m.before[-2] in en.ROLES for m in found)


def _title_before(mention: Mention) -> str:
    """The title right before a mention, with or without its point (`Mr. Smith`), "" without one."""
    for word in reversed(mention.before):
        if word != ".":
            return word if word in en.TITLES else ""
    return ""
