"""Names in Vietnamese: runs of capitalised syllables, heads of organisations, and what kind of thing each names."""

import re
from collections.abc import Iterator, Set

from services.enrichment.domain import lexicon_en as en
from services.enrichment.domain import lexicon_vi as vi
from services.enrichment.domain.background import background
from services.enrichment.domain.draft import TagKind
from services.enrichment.domain.mention import LONGEST, OPENERS, Mention, stands_where

_HEADS = vi.ORGANISATION_HEADS | vi.EVENT_HEADS | vi.WHOLE
_BEFORE = vi.TITLES | vi.PLACE_HEADS | frozenset({"theo", "tại", "ngày"})
_HEADS_BEGIN, _BEFORE_BEGIN, _TAILS_BEGIN = (
    frozenset(phrase.split()[0] for phrase in phrases) for phrases in (_HEADS, _BEFORE, vi.ORGANISATION_WORDS)
)
_COMPOUNDS = vi.COMPOUNDS | vi.WHOLE | vi.ORGANISATION_HEADS
_BESIDE = vi.TITLES | vi.PLACE_HEADS | vi.APART
_WHERE = frozenset({"ở", "tại", "về", "tới", "đến", "từ", "quanh", "gần"})
#: A Vietnamese syllable: what is not written like one is a foreign name.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
    r"[aăâeêioôơuưyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]{1,3}(?:ch|nh|ng|[cmnpt])?$"
)
_SIDES = frozenset({"miền", "phía", "hướng"})
_NEVER_NAMES = frozenset({"theo", "tại", "ngày"})


def vietnamese_runs(tokens: list[str], small: Set[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised syllables; the head of an organisation takes its small words along (`Bộ Công an`)."""
    done = 0
    for at in [i for i, t in enumerate(tokens) if t[0].isupper()]:
        if at < done:
            continue
        opening = at == 0 or tokens[at - 1] in OPENERS
        head = _headed(tokens, at)
        start = at if head else _behind_title(tokens, at, opening, small)
        end = _through(tokens, start, max(start, head))
        if not head:
            end = _before_foreign(tokens, start, end)
        done = max(end, at + 1)
        if end <= start or (start == at and not head and _only_an_opening(tokens, start, end, opening, small)):
            continue
        words = [t.lower() for t in tokens[start:end]]
        if " ".join(words) in vi.CALENDAR or words[0] in vi.NEVER or (len(words) == 1 and len(words[0]) == 1):
            continue
        if at and tokens[at - 1].lower() == "tiếng" and len(words) == 1:  # a language
            continue
        yield start, end


def _headed(tokens: list[str], at: int) -> int:
    """The end of an organisation's or event's head that begins here (`Ngân hàng`, `Sở`), 0 without one."""
    if tokens[at].lower() not in _HEADS_BEGIN:
        return 0
    for size in (3, 2, 1):
        words = " ".join(tokens[at : at + size]).lower()
        if at + size <= len(tokens) and words in _HEADS:
            goes_on = at + size < len(tokens) and (
                tokens[at + size][0].isupper() or _tail(tokens, at + size) or words in vi.WHOLE
            )
            return (
                at + size if goes_on or words in vi.WHOLE or (size > 1 and _small_then_name(tokens, at + size)) else 0
            )
    return 0


def _tail(tokens: list[str], at: int) -> int:
    """How many words a known part of an organisation's name takes up here (`giao thông vận tải`), 0 for none."""
    if tokens[at].lower() not in _TAILS_BEGIN:
        return 0
    here = list(map(str.lower, tokens[at : at + 8]))
    return next((n for n in range(len(here), 1, -1) if " ".join(here[:n]) in vi.ORGANISATION_WORDS), 0)


def _small_then_name(tokens: list[str], at: int) -> int:
    """How many small words stand before the name goes on (`quận Tân Bình`), 0 where a verb is among them."""
    for n, token in enumerate(tokens[at : at + 4]):
        if token[0].isupper():
            return n
        if not token[0].isalpha() or token.lower() in vi.APART:
            return 0
    return 0


def _through(tokens: list[str], start: int, end: int) -> int:
    """The end of the name that begins at `start` and is known to reach `end`."""
    headed = end > start
    happened = headed and " ".join(tokens[start:end]).lower() in vi.EVENT_HEADS
    while end < len(tokens) and end - start < LONGEST:
        step = (_tail(tokens, end) if headed else 0) or (1 if tokens[end][0].isupper() else 0)
        if step == 1 and (second := _compound(tokens, end)):
            step = second
        if not step and _abbreviates(tokens, end):
            step = 1
        if not step and headed:
            step = _small_then_name(tokens, end)
            if step and happened and any(t[0].isupper() for t in tokens[start + 1 : end]):
                break  # what an event did is the sentence's: `Bão Linh Lan đổ bộ Cửa Nhạn`
        if not step and tokens[end] == "-" and not headed and _dashed(tokens, start, end):
            step = 1
        if not step:
            break
        end += step
    while end > start and not tokens[end - 1][0].isalnum():
        end -= 1
    return end


def _compound(tokens: list[str], at: int) -> int:
    """The length of a word of two syllables of which only the first has a capital (`Quốc tế`), 0 for none."""
    return 2 if " ".join(tokens[at : at + 2]).lower() in vi.COMPOUNDS else 0


def _dashed(tokens: list[str], start: int, end: int) -> bool:
    """Whether a dash joins two names into one line or region (`Cát Linh - Hà Đông`)."""
    behind = " ".join(tokens[end + 1 : end + 3]).lower()  # `Nguyễn Thanh Sơn - Thứ trưởng` is no line of trains
    return (
        end + 1 < len(tokens) and tokens[end + 1][0].isupper() and tokens[start].istitle() and behind not in vi.TITLES
    )


def _abbreviates(tokens: list[str], at: int) -> bool:
    """Whether this is the point of a short form that goes on (`TP. Huế`)."""
    return tokens[at] == "." and len(tokens[at - 1]) <= 2 and at + 1 < len(tokens) and tokens[at + 1][0].isupper()


def _behind_title(tokens: list[str], at: int, opening: bool, small: Set[str]) -> int:
    """Where the name begins behind a title or a first word (`Tổng thống Macron`, `GS. TS Xuân`, `Theo Reuters`)."""
    while (
        at + 2 < len(tokens)
        and tokens[at].lower() in vi.TITLES
        and tokens[at + 1] == "."
        and tokens[at + 2][0].isupper()
    ):
        at += 2
    for size in (3, 2, 1) if tokens[at].lower() in _BEFORE_BEGIN else ():
        words = list(map(str.lower, tokens[at : at + size]))
        follows = at + size < len(tokens) and tokens[at + size][0].isupper()
        short = tokens[at].isupper() or words[0] in _NEVER_NAMES
        if " ".join(words) in _BEFORE and (size > 1 or opening or short):
            known = f"{words[0]} {tokens[at + 1].lower()}" in vi.PLACES if at + 1 < len(tokens) else False
            if not known and (size > 1 or follows):
                return at + size
    if opening and at + 1 < len(tokens) and tokens[at + 1][0].isupper():
        return at + 1 if _stands_alone(tokens[at], tokens[at + 1], small) else at
    return at


def _before_foreign(tokens: list[str], start: int, end: int) -> int:
    """The end of a country's name where a foreigner's follows it (`Tổng thống Nga Vladimir Putin`)."""
    for size in (2, 1):
        behind = start + size
        if behind < end and " ".join(tokens[start:behind]).lower() in vi.PLACES:
            return behind if not _SYLLABLE.match(tokens[behind].lower()) else end
    return end


def _only_an_opening(tokens: list[str], start: int, end: int, opening: bool, small: Set[str]) -> bool:
    """Whether one capitalised syllable is merely the first of a sentence or a word; what is no syllable is a name."""
    token, lower = tokens[start], tokens[start].lower()
    if end - start > 1 or (token.isupper() and len(token) > 1):
        return False
    if not opening and (tokens[start - 1].lower() in _BESIDE or end == len(tokens)):
        return False
    return lower in small or (bool(_SYLLABLE.match(lower)) and lower not in vi.PLACES)


def _stands_alone(first: str, second: str, small: Set[str]) -> bool:
    """Whether a sentence's first word is apart from the name after it (`Theo Reuters`, `Tại Hà Nội`)."""
    lower = first.lower()
    if (first.isupper() and len(first) > 1) or not _SYLLABLE.match(lower):
        return False
    known = f"{lower} {second.lower()}"
    if (lower in vi.SURNAMES and lower not in small) or known in vi.PLACES:
        return False
    return lower in small or lower in _BESIDE or background("vi").zipf(lower) >= 5.0


def vietnamese_kind(small: str, words: list[str], found: list[Mention], listed: str) -> tuple[TagKind | None, str]:
    if _no_name(small, words, found):
        return None, ""
    return next(_signs(small, words, found, listed), ("topic", "a name"))


def _signs(  # noqa: C901, PLR0912  # a list of signs, one after another
    small: str, words: list[str], found: list[Mention], listed: str
) -> Iterator[tuple[TagKind, str]]:
    """What speaks for a kind, the most telling first."""
    surname, foreign = words[0] in vi.SURNAMES, not all(map(_SYLLABLE.match, words))
    titled = _follows(found, vi.TITLES)
    if surname and ((titled and 2 <= len(words) <= 5) or (len(words) > 2 and words[1] in {"thị", "văn"})):
        yield "person", f"surname {words[0].title()}"
    if small in vi.PLACES:
        yield "place", "a known place"
    if small in vi.WHOLE:
        yield "organisation", "a known organisation"
    event, organisation = _head(words, vi.EVENT_HEADS), _head(words, vi.ORGANISATION_HEADS)
    if event > organisation:
        yield "event", "named like an event"
    if organisation:
        yield "organisation", "named like an organisation"
    if _head(words, vi.PLACE_HEADS):
        yield "place", "named like a place"
    if foreign and words[-1] in en.ORGANISATION_ENDS:
        yield "organisation", "named like an organisation"
    if foreign and words[-1] in en.EVENT_ENDS:
        yield "event", "named like an event"
    if _follows(found, vi.EVENT_HEADS):
        yield "event", "after a word for an event"
    if len(words) == 1 and found[0].words[0].isupper():
        yield "organisation", "an abbreviation"
    if titled:
        yield "person", "after a title"
    if _follows(found, vi.PLACE_HEADS):
        yield "place", "after a word for a place"
    if surname and 2 <= len(words) <= 4:
        yield "person", f"surname {words[0].title()}"
    if _follows(found, vi.ORGANISATION_HEADS):
        yield "organisation", "after a word for an organisation"
    if listed:
        yield "place", listed
    if stands_where(found, _WHERE):
        yield "place", "things happen in it"
    if len(words) > 1 and not foreign:
        yield "place", "syllables without a surname"
    if 2 <= len(words) <= 3:
        yield "person", "two or three names in a row"


def _no_name(small: str, words: list[str], found: list[Mention]) -> bool:
    """Whether capitals name nobody: a short form of a common word, a direction, the head of a compound (`Quốc hội`)."""
    if len(words) == 2 and len(words[0]) == 2 and words[0][1] == ".":  # an author, by initial: `T. Lũy`
        return True
    if small in vi.SHORT_THINGS and found[0].words[0].isupper():
        return True
    if small in vi.DIRECTIONS and _follows(found, _SIDES):
        return True
    if len(words) > 1 and small in _COMPOUNDS and small not in vi.WHOLE:
        return any(w[0].islower() for m in found for w in m.words)
    return len(words) == 1 and all(f"{small} {m.after}" in _COMPOUNDS for m in found)


def _head(words: list[str], heads: frozenset[str]) -> int:
    """How many words of the longest such head a name begins with and goes on behind, 0 for none."""
    some = [w.rstrip(".") for w in words[:3]]
    return next((n for n in range(min(3, len(words) - 1), 0, -1) if " ".join(some[:n]) in heads), 0)


def _follows(found: list[Mention], heads: frozenset[str]) -> bool:
    """Whether such a head stands right before the name somewhere."""
    return any(" ".join(m.before[-n:]) in heads for m in found for n in range(1, len(m.before) + 1))
