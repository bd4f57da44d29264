"""Names in a text: capitalised runs, read by the habits of English or Vietnamese, with a kind and its evidence."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.enrichment.domain import lexicon_en as en
from services.enrichment.domain import lexicon_vi as vi
from services.enrichment.domain.background import background
from services.enrichment.domain.draft import Draft, Name, TagKind
from services.enrichment.domain.gazetteer import Gazetteer, gazetteer
from services.enrichment.domain.text import fold, is_furniture

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|[^\W\d_]+(?:[-'’&][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]")
_MOST = 60
_LONGEST = 12
_LISTED, _LISTED_ALONE = 4.6, 3.2  # Zipf values from which a sentence's first word is taken for an ordinary one
_WHERE_EN = frozenset({"in", "near", "at", "around", "outside", "off", "from"})
_WHERE_VI = frozenset({"ở", "tại", "về", "tới", "đến", "từ", "quanh", "gần"})
_SPEAKS = frozenset({"said", "says", "told", "added", "who", "asked", "wrote", "cho", "nói", "kể", "chia"})
_OPENERS = '"“”‘:;(«-–—.!?'


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a name stands: its words, the words before it, and whether it begins a sentence."""

    words: tuple[str, ...]
    before: tuple[str, ...]
    after: str
    begins: bool
    at: int
    titled: bool


class FindNames:
    """Find names and say what they name."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `names`, most frequent first; variants of a person's name are folded into the fullest."""
        mentions = list(self.mentions(draft.headline, draft.sentences, draft.language))
        return replace(draft, names=tuple(self.named(mentions, draft.language)[:_MOST]))

    def mentions(self, headline: str, sentences: tuple[str, ...], language: str) -> Iterator[Mention]:
        """Every place where something is named. A word that also stands in small letters is seldom one."""
        told = [_TOKEN.findall(s) for s in sentences]
        small = Counter(t for tokens in told for t in tokens if t[0].islower())
        shouting = sum(w.isupper() for w in headline.split()) > len(headline.split()) / 2
        lines = [(_TOKEN.findall(headline), True)] if not shouting else []
        at = 0
        for tokens, titled in [*lines, *((s, False) for s in told)]:
            if language == "en" and titled and _title_case(tokens):
                at += len(tokens)
                continue
            find = _vietnamese_runs if language == "vi" else _english_runs
            for start, end in find(tokens, small):
                yield Mention(
                    tuple(tokens[start:end]), tuple(t.lower() for t in tokens[max(0, start - 3) : start]),
                    tokens[end].lower() if end < len(tokens) else "", start == 0, at + start, titled,
                )  # fmt: skip
            at += len(tokens)

    def named(self, mentions: list[Mention], language: str) -> list[Name]:
        """Mentions gathered into names."""
        held: dict[str, list[Mention]] = {}
        for mention in mentions:
            held.setdefault(" ".join(mention.words), []).append(mention)
        full = _fullest(list(held))
        gathered: dict[str, list[Mention]] = {}
        for text, found in held.items():
            gathered.setdefault(full.get(text, text), []).extend(found)
        names = []
        for text, found in gathered.items():
            kind, evidence = self.kind_of(text, found, language)
            if kind is not None and not is_furniture(text):
                first = min(m.at for m in found)
                names.append(Name(text, kind, len(found), first, any(m.titled for m in found), evidence))
        return sorted(names, key=lambda n: (-n.count - 2 * n.in_title, n.first))

    def kind_of(self, text: str, found: list[Mention], language: str) -> tuple[TagKind | None, str]:
        """What a name names, and by what sign; None for what is no name after all."""
        small = text.lower()
        words = small.split()
        listed = self._gazetteer.place(fold(text))
        if language == "vi":
            return _vietnamese_kind(small, words, found, listed)
        return _english_kind(small, words, found, listed)


def _title_case(tokens: list[str]) -> bool:
    """Whether a headline capitalises every word, so that capitals say nothing."""
    letters = [t for t in tokens if t[0].isalpha() and len(t) > 3]
    return len(letters) > 3 and sum(t[0].isupper() for t in letters) > 0.8 * len(letters)


def _english_runs(tokens: list[str], small: Counter[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, small joining words inside them; a sentence's first word must earn its place."""
    done = 0
    for at in [i for i, t in enumerate(tokens) if t[0].isupper() and _capital(t)]:
        if at < done:
            continue
        start, end = at, at + 1
        while end < len(tokens) and end - start < _LONGEST:
            if _capital(tokens[end]):
                end += 1
            elif (tokens[end].lower() in en.INNER and end + 1 < len(tokens) and _capital(tokens[end + 1])) or (
                tokens[end] == "." and len(tokens[end - 1]) <= 2 and end + 1 < len(tokens) and _capital(tokens[end + 1])
            ):
                end += 2
            else:
                break
        done = end
        start, end = _trimmed(tokens, start, end, small)
        if end > start and not all(len(t) == 1 for t in tokens[start:end]):
            yield start, end


def _trimmed(tokens: list[str], start: int, end: int, small: Counter[str]) -> tuple[int, int]:
    """A run without what only begins its sentence, without titles before it and the calendar around it."""
    known = background("en")
    opening = start == 0 or tokens[start - 1] in _OPENERS
    while (
        start < end and opening and _common(tokens[start], end - start == 1, small, known.zipf(tokens[start].lower()))
    ):
        if end - start > 1 and known.zipf(tokens[start].lower()) < 5.2 and tokens[start].lower() not in small:
            break
        start += 1
    while start < end and (tokens[start].lower() in en.TITLES | en.CALENDAR | en.INNER or tokens[start] == "."):
        start += 1
    while end > start and tokens[end - 1].lower() in en.CALENDAR | en.INNER:
        end -= 1
    return start, end


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


def _vietnamese_runs(tokens: list[str], small: Counter[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised syllables; an organisation's head takes its small words along (`Bộ Công an`)."""
    at = 0
    while at < len(tokens):
        if not tokens[at][0].isupper():
            at += 1
            continue
        start, end = at, at + 1
        while end < len(tokens) and (tokens[end][0].isupper() or _abbreviates(tokens, end)):
            end += 1
        end = _with_organisation_words(tokens, start, end)
        at = end
        opening = start == 0 or tokens[start - 1] in '"“”‘:;(«-–—.!?'
        if opening and end - start == 1 and _only_an_opening(tokens[start], small):
            continue
        if opening and end - start > 1 and _stands_alone(tokens[start], tokens[start + 1], small):
            start += 1
        while end > start and not tokens[end - 1][0].isalnum():
            end -= 1
        words = [t.lower() for t in tokens[start:end]]
        if not any(t[0].isupper() for t in tokens[start:end]):
            continue
        if words and " ".join(words) not in vi.CALENDAR and not (len(words) == 1 and len(words[0]) == 1):
            yield start, end


def _abbreviates(tokens: list[str], at: int) -> bool:
    """Whether this is the point of a short form that goes on (`TP. Huế`)."""
    return tokens[at] == "." and len(tokens[at - 1]) <= 2 and at + 1 < len(tokens) and tokens[at + 1][0].isupper()


def _with_organisation_words(tokens: list[str], start: int, end: int) -> int:
    """The end of the name when its last word begins a known part such as `Công an`, `Quốc phòng`."""
    for back in (1, 2):
        if end - back < start:
            break
        tail = " ".join(tokens[end - back : end + 5]).lower()
        fit = max((w for w in vi.ORGANISATION_WORDS if tail.startswith(w)), key=len, default="")
        longer = end - back + len(_TOKEN.findall(fit))
        if fit and longer > end:
            return longer
    return end


def _only_an_opening(token: str, small: Counter[str]) -> bool:
    """Whether one capitalised syllable is merely the first of its sentence."""
    lower = token.lower()
    if token.isupper() and len(token) > 1:
        return False
    return small[lower] > 0 or background("vi").zipf(lower) >= 3.2


def _stands_alone(first: str, second: str, small: Counter[str]) -> bool:
    """Whether a sentence's first word is apart from the name after it (`Theo Reuters`, `Tại Hà Nội`)."""
    lower = first.lower()
    if first.isupper() and len(first) > 1:
        return False
    if lower in vi.SURNAMES and small[lower] == 0:
        return False
    known = f"{lower} {second.lower()}"
    if known in vi.PLACES or lower in vi.ORGANISATION_HEADS:
        return False
    return small[lower] > 0 or lower in vi.TITLES or background("vi").zipf(lower) >= 5.0


def _fullest(names: list[str]) -> dict[str, str]:
    """For each short form the one fuller name it stands for: `Putin` → `Vladimir Putin`, never where two would do."""
    longer: dict[str, set[str]] = {}
    for name in names:
        words = name.split()
        if len(words) > 1:
            longer.setdefault(words[-1], set()).add(name)
            longer.setdefault(" ".join(words[-2:]), set()).add(name)
    return {
        short: next(iter(fulls))
        for short, fulls in longer.items()
        if len(fulls) == 1 and short not in fulls and short in names
    }


def _english_kind(small: str, words: list[str], found: list[Mention], listed: str) -> tuple[TagKind | None, str]:
    if small in en.CALENDAR or len(small) < 2:
        return None, ""
    title = next((t for m in found for t in _titles_before(m)), "")
    last, first, several = words[-1], words[0], len(words) > 1
    signs: tuple[tuple[bool, TagKind, str], ...] = (
        (bool(title), "person", f"after the title {title}"),
        (last in en.EVENT_ENDS or first in en.EVENT_STARTS, "event", "named like an event"),
        (last in en.ORGANISATION_ENDS or first in en.ORGANISATION_STARTS, "organisation", "named like an organisation"),
        (bool(listed), "place", listed),
        (last in en.PLACE_ENDS or (several and first in en.PLACE_STARTS), "place", "named like a place"),
        (first in en.GIVEN and 1 < len(words) <= 4, "person", f"given name {first.title()}"),
        (not several and found[0].words[0].isupper(), "organisation", "an abbreviation"),
        (_stands_where(found, _WHERE_EN), "place", "things happen in it"),
        (1 < len(words) <= 3 and not en.INNER & set(words), "person", "two or three names in a row"),
    )
    return next(((kind, evidence) for holds, kind, evidence in signs if holds), ("topic", "a name"))


def _titles_before(mention: Mention) -> list[str]:
    """The title right before a mention, with or without its point (`Mr. Smith`)."""
    words = [w for w in mention.before if w != "."]
    return [w for w in words[-1:] if w in en.TITLES]


def _vietnamese_kind(small: str, words: list[str], found: list[Mention], listed: str) -> tuple[TagKind | None, str]:
    before = [" ".join(m.before) for m in found]
    surname = words[0] in vi.SURNAMES
    signs: tuple[tuple[bool, TagKind, str], ...] = (
        (small in vi.PLACES, "place", "a known place"),
        (_begins(small, vi.ORGANISATION_HEADS), "organisation", "named like an organisation"),
        (_begins(small, vi.EVENT_HEADS), "event", "named like an event"),
        (_begins(small, vi.PLACE_HEADS), "place", "named like a place"),
        (_follows(before, vi.TITLES), "person", "after a title"),
        (_follows(before, vi.PLACE_HEADS) and not surname, "place", "after a word for a place"),
        (surname and 2 <= len(words) <= 4, "person", f"surname {words[0].title()}"),
        (_follows(before, vi.ORGANISATION_HEADS), "organisation", "after a word for an organisation"),
        (bool(listed), "place", listed),
        (len(words) == 1 and found[0].words[0].isupper(), "organisation", "an abbreviation"),
        (_stands_where(found, _WHERE_VI), "place", "things happen in it"),
        (2 <= len(words) <= 3, "person", "two or three names in a row"),
    )
    return next(((kind, evidence) for holds, kind, evidence in signs if holds), ("topic", "a name"))


def _stands_where(found: list[Mention], where: frozenset[str]) -> bool:
    """Whether it stands where places stand, and never speaks."""
    return any(m.before and m.before[-1] in where for m in found) and not any(m.after in _SPEAKS for m in found)


def _begins(small: str, heads: frozenset[str]) -> bool:
    words = small.split()
    return any(" ".join(words[:n]) in heads for n in range(1, min(4, len(words))))


def _follows(before: list[str], heads: frozenset[str]) -> bool:
    return any(" ".join(b.split()[-n:]) in heads for b in before for n in (1, 2, 3) if b)
