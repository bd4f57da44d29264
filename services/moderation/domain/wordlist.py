"""Word lists, and finding their words in a comment however they are disguised.

A list is text, one entry a line: `term | category | flags`; `#` begins a comment. Flags: `+` also matches the English
endings (s, es, ed, ing, er …); `=` matches only with its diacritics (the bare spelling is an ordinary word).
Whole words only. Three views are searched (see `text`): as written, without diacritics, undisguised.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final

import ahocorasick

from services.moderation.domain.common_words import COMMON
from services.moderation.domain.text import Reading, Span, View, read

_ENDINGS: Final = ("s", "es", "ed", "d", "er", "ers", "ing", "in", "ings", "y", "'s")
_RUN: Final = re.compile(r"(.)\1+")
_AROUND: Final = ".,;:!?'\"()"


class ListError(ValueError):
    """A word list that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word or phrase, folded (`marked`), with what it is and how it matches."""

    term: str
    category: str
    inflected: bool = False
    marked_only: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word in a comment; `span` are offsets into the original."""

    entry: Entry
    span: Span


def parse(text: str, name: str = "list") -> tuple[Entry, ...]:
    """The entries of a list. Raises ListError naming list, line and what is wrong."""
    entries: dict[str, Entry] = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        term, category, flags = [part.strip() for part in (content + "||").split("|")[:3]]
        if not category or set(flags) - set("+="):
            raise ListError(f"{name}, line {number}: write `term | category | flags` (flags: + or =), not {line!r}")
        folded = " ".join(read(term).marked.text.split())
        if len(folded) < 2:
            raise ListError(f"{name}, line {number}: {term!r} is too short to be matched as a whole word")
        entries[folded] = Entry(folded, category, "+" in flags, "=" in flags)
    return tuple(entries.values())


class Matcher:
    """Lists, compiled. Building takes some milliseconds; finding about 50 µs for an ordinary comment."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        as_written: dict[str, Entry] = {}
        bare: dict[str, Entry] = {}
        plain: dict[str, list[tuple[str, Entry]]] = {}
        for entry in entries:
            for form in _forms(entry):
                marked = form.isascii() is False
                if marked:
                    as_written[form] = entry
                    _add_plain(plain, form, entry)
                if not (marked and entry.marked_only):
                    stripped = read(form).bare.text
                    bare.setdefault(stripped, entry)
                    _add_plain(plain, stripped, entry)
        self._as_written = _automaton(as_written)
        self._bare = _automaton(bare)
        self._plain = _automaton(plain)
        self._split = {form: entry for form, entry in bare.items() if " " not in form and len(form) >= 4}

    def find(self, reading: Reading) -> tuple[Hit, ...]:
        """Every listed word, longest first where they overlap, in the order of the text."""
        known: tuple[Hit, ...] | None = reading.memo.get(id(self))
        if known is None:
            known = reading.memo[id(self)] = self._find(reading)
        return known

    def _find(self, reading: Reading) -> tuple[Hit, ...]:
        found = [*self._whole(self._bare, reading.bare), *self._disguised(reading.plain_bare)]
        if reading.marked is not reading.bare:
            found += self._whole(self._as_written, reading.marked)
            found += self._disguised(reading.plain)
        found += self._torn(reading.bare)
        return _longest(found)

    @staticmethod
    def _whole(automaton: Any, view: View) -> Iterator[Hit]:
        if automaton is None:
            return
        text, size = view.text, len(view.text)
        for last, (form, entry) in automaton.iter(text):
            start, end = last - len(form) + 1, last + 1
            if (start and text[start - 1].isalnum()) or (end < size and text[end].isalnum()):
                continue
            yield Hit(entry, view.span(start, end))

    def _disguised(self, view: View) -> Iterator[Hit]:
        if self._plain is None:
            return
        squeezed = _squeeze(view.text)
        size, starts = len(squeezed), None
        for last, (length, candidates) in self._plain.iter(squeezed):
            begin, end = last - length + 1, last + 1
            whole = (not begin or squeezed[begin - 1] == " ") and (end == size or squeezed[end] == " ")
            if not whole and (length < 4 or not view.runs):
                continue
            starts = starts or _run_starts(view.text)
            start, stop = starts[begin], starts[end] if end < size else len(view.text)
            if not whole and not any(a <= start and stop <= b for a, b in view.runs):
                continue
            for form, entry in candidates:
                if _fits(form, view.text[start:stop]):
                    yield Hit(entry, view.span(start, stop))

    def _torn(self, view: View) -> Iterator[Hit]:
        pieces = view.text.split(" ")
        words = [(word, n) for n, piece in enumerate(pieces) if (word := piece.strip(_AROUND))]
        for (left, n), (right, m) in pairwise(words):
            if len(left) + len(right) < 4 or len(left) > 6 or len(right) > 6 or left in COMMON or right in COMMON:
                continue
            entry = self._split.get(left + right)
            if entry is not None:
                yield Hit(entry, view.span(_place(pieces, n), _place(pieces, m) + len(right)))


def _forms(entry: Entry) -> Iterator[str]:
    yield entry.term
    if entry.inflected:
        yield from (entry.term + ending for ending in _ENDINGS)
        if entry.term.endswith("e"):
            yield from (entry.term[:-1] + ending for ending in ("ing", "in", "ed", "er", "y"))
        if len(entry.term) <= 6:
            yield from (entry.term + entry.term[-1] + ending for ending in ("ing", "ed", "er", "y"))


def _add_plain(plain: dict[str, list[tuple[str, Entry]]], form: str, entry: Entry) -> None:
    spellings = {form, form.replace(" ", "")} if " " in form else {form}
    for spelling in spellings:
        for key in _masked(spelling):
            rows = plain.setdefault(_squeeze(key), [])
            if (key, entry) not in rows:
                rows.append((key, entry))


def _masked(form: str) -> Iterator[str]:
    yield form
    if " " in form or not 4 <= len(form) <= 9:
        return
    inside = range(1, len(form) - 1)
    for i in inside:
        yield form[:i] + "*" + form[i + 1 :]
        if i + 1 in inside:
            yield form[:i] + "**" + form[i + 2 :]
    yield form[0] + "*" * (len(form) - 2) + form[-1]


def _squeeze(text: str) -> str:
    """Runs of one letter as one letter, `l` as `i`."""
    return _RUN.sub(r"\1", text.replace("l", "i"))


def _run_starts(text: str) -> list[int]:
    """Where each letter of the squeezed text begins."""
    starts, before = [], ""
    for offset, char in enumerate(text.replace("l", "i")):
        if char != before:
            starts.append(offset)
            before = char
    return starts


def _fits(form: str, found: str) -> bool:
    """Whether a stretch is the word with letters drawn out: no run shorter, and longer only from three on."""
    wanted = [(k, len(list(run))) for k, run in groupby("i" if c == "l" else c for c in form)]
    seen = [(k, len(list(run))) for k, run in groupby("i" if c == "l" else c for c in found)]
    if [k for k, _ in wanted] != [k for k, _ in seen]:
        return False
    return all(have == want or have >= max(3, want) for (_, want), (_, have) in zip(wanted, seen, strict=True))


def _place(pieces: list[str], n: int) -> int:
    """Where the nth piece's word begins in the text they were split from at spaces."""
    return sum(map(len, pieces[:n])) + n + len(pieces[n]) - len(pieces[n].lstrip(_AROUND))


def _automaton(forms: Any) -> Any:
    if not forms:
        return None
    automaton = ahocorasick.Automaton()
    for form, value in forms.items():
        automaton.add_word(form, (len(form), value) if isinstance(value, list) else (form, value))
    automaton.make_automaton()
    return automaton


def _longest(found: list[Hit]) -> tuple[Hit, ...]:
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda h: (h.span[0] - h.span[1], h.span)):
        if all(hit.span[1] <= other.span[0] or hit.span[0] >= other.span[1] for other in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda h: h.span))
