"""What changed between two readings of one story, word by word, and what kind of change that is."""

import difflib
import re

from services.ingest.domain.items import Item, Value
from services.ingest.domain.texts import line, words
from shared.events import ChangeKind

_TOKEN = re.compile(r"\w+|[^\w\s]")
_CORRECTION = re.compile(
    r"\b(correction|corrected|corrects|clarification|an earlier version|đính chính|cải chính|sửa lại)\b", re.IGNORECASE
)
_TOO_LONG = 6000  # words on both sides together; beyond, paragraphs are compared first


class Change(Value):
    """One revision's difference: its kind, readable notes, and the words taken out and put in."""

    kind: ChangeKind
    notes: list[str]
    diff: list[tuple[str, str]]  # ("=" | "-" | "+", words)


def compare(old: Item, new: Item) -> Change | None:
    """The change from `old` to `new`, or None where a reader would see the same story."""
    notes = _fields(old, new)
    diff = word_diff(old.body_text, new.body_text)
    gone = sum(len(text.split()) for sign, text in diff if sign == "-")
    come = sum(len(text.split()) for sign, text in diff if sign == "+")
    same_words = words(old.body_text) == words(new.body_text)
    if not notes and same_words:
        return None
    if not same_words:
        notes.append(f"body: {come} words added, {gone} taken out")
    return Change(kind=_kind(old, new, gone, come), notes=notes, diff=diff if not same_words else [])


def word_diff(old: str, new: str) -> list[tuple[str, str]]:
    """The word-level difference as runs of kept, removed and added words. Bounded: long texts go by paragraph first."""
    before, after = old.split(), new.split()
    if len(before) + len(after) > _TOO_LONG:
        before, after = old.split("\n"), new.split("\n")
    runs: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(("=", " ".join(before[a:b])))
            continue
        runs += [(sign, " ".join(part)) for sign, part in (("-", before[a:b]), ("+", after[c:d])) if part]
    return runs


def _fields(old: Item, new: Item) -> list[str]:
    notes = []
    if words(old.headline) != words(new.headline):
        notes.append(f"headline: {line(old.headline, 120)!r} became {line(new.headline, 120)!r}")
    if _pictures(old) != _pictures(new):
        notes.append(f"pictures: {len(old.pictures)} became {len(new.pictures)}")
    if old.embargoed_until != new.embargoed_until or old.held != new.held:
        notes.append("embargo changed")
    if new.ednote and line(old.ednote) != line(new.ednote):
        notes.append(f"note to editors: {line(new.ednote, 200)}")
    if new.byline and old.byline and words(old.byline) != words(new.byline):
        notes.append(f"byline: {old.byline!r} became {new.byline!r}")
    return notes


def _pictures(item: Item) -> list[tuple[str, str, str]]:
    """Pictures by what a reader sees: caption and credit; addresses change with every resizing."""
    return [("", " ".join(words(p.caption or "")), " ".join(words(p.credit or ""))) for p in item.pictures]


def _kind(old: Item, new: Item, gone: int, come: int) -> ChangeKind:
    added_text = f"{new.headline} {new.ednote or ''} " + " ".join(
        part for part in new.body_text.split("\n") if part not in old.body_text
    )
    if _CORRECTION.search(added_text) and not _CORRECTION.search(f"{old.headline} {old.ednote or ''}"):
        return "correction"
    size = max(1, len(old.body_text.split()))
    if come >= 15 and gone <= max(3, come // 10):
        return "addition"
    if gone + come <= 12 and gone + come <= max(2, size // 20):
        return "correction" if _facts_differ(old.body_text, new.body_text) else "trivial"
    return "update"


def _facts_differ(old: str, new: str) -> bool:
    """Whether the numbers or capitalised names differ: a small change that matters."""
    facts = [sorted(t for t in _TOKEN.findall(text) if t[0].isdigit() or t[0].isupper()) for text in (old, new)]
    return facts[0] != facts[1]
