"""Reading labelled texts from any CSV: which encoding, separator and columns it has, and which labels mean "reject".

What had to be found out is told (`Labelled.notes`), so that nobody has to guess what was measured.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.moderation.domain.evaluation import Example
from services.moderation.domain.text import read
from services.moderation.domain.wordlist import Matcher

_SEPARATORS: Final = (",", ";", "\t", "|")
_MOST_LABELS: Final = 60
_SHOWN: Final = 20
_PLAIN_WORDS: Final = """
0 false f no n ok clean neither none non not normal neutral benign safe ham acceptable approve approved accept accepted
keep kept allowed good fine civil polite respectful positive nothate nontoxic nothateful notoffensive notabusive other
sạch bìnhthường không khôngđộchại khôngxúcphạm antoàn trungtính tíchcực lịchsự tốt
"""
_HARMLESS: Final = frozenset(_PLAIN_WORDS.split())
_DENIAL: Final = re.compile(r"^(?:non|not|no|un|không)(?P<what>\w{2,})$")


class BadFile(ValueError):
    """A file that cannot be evaluated; the message says what is wrong with it and what would do."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows as they stand in a file: text and label (lower case), and what was found out on the way."""

    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def read_labelled(path: Path, text: str, label: str) -> Labelled:
    """All rows that have a text and a label. Raises BadFile."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    content, encoding = _decoded(raw)
    if not content.strip():
        raise BadFile(f"{path}: the file is empty")
    separator = _separator(path, content, text, label)
    try:
        rows, skipped = _rows(path, content, separator, text, label)
    except csv.Error as error:
        raise BadFile(f"{path}: not a CSV file ({error})") from None
    notes = [] if encoding == "utf-8" else [f"read as {encoding}"]
    notes += [] if separator == "," else [f"columns are separated by {separator!r}"]
    notes += [f"{skipped} rows without text or label were left out"] if skipped else []
    return Labelled(tuple(rows), tuple(notes))


def _decoded(raw: bytes) -> tuple[str, str]:
    """The text, and as what it was read: by its byte order mark, as UTF-8, else as what old spreadsheets write."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    if raw[:2000].count(0) > len(raw[:2000]) // 4:  # UTF-16 that does not say so: every other byte of Latin text is 0
        little = raw[1:2000:2].count(0) >= raw[0:2000:2].count(0)
        return raw.decode("utf-16-le" if little else "utf-16-be", errors="replace"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(raw) - 4:  # a last character cut off
            return raw.decode("utf-8-sig", errors="replace"), "utf-8"
    wrong = raw.decode("utf-8-sig", errors="replace").count("\ufffd")
    if wrong * 1000 < len(raw):  # a few broken bytes in a file that is UTF-8 all the same
        return raw.decode("utf-8-sig", errors="replace"), f"utf-8, with {wrong} broken characters replaced"
    return raw.decode("cp1252", errors="replace"), "cp1252 (Windows), for it is no UTF-8"


def _separator(path: Path, content: str, text: str, label: str) -> str:
    """The separator that gives both columns, the usual one for the file's name first; else that with most columns."""
    header = next((line for line in content.splitlines() if line.strip()), "")
    usual = "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","
    found = {sign: next(csv.reader([header], delimiter=sign), []) for sign in _SEPARATORS}
    order = sorted(_SEPARATORS, key=lambda sign: sign != usual)
    for sign in order:
        if {text, label} <= set(found[sign]):
            return sign
    return max(order, key=lambda sign: len(found[sign]))


def _rows(path: Path, content: str, separator: str, text: str, label: str) -> tuple[list[tuple[str, str]], int]:
    csv.field_size_limit(10_000_000)
    lines = content.splitlines()
    # Files with tabs are often written without quoting: a quotation mark in them is just a sign.
    bare = separator == "\t" and len({line.count("\t") for line in lines if line}) == 1
    file = io.StringIO(content, newline="")
    reader = csv.reader(file, delimiter=separator, quoting=csv.QUOTE_NONE if bare else csv.QUOTE_MINIMAL)
    names = next((row for row in reader if any(row)), [])
    at = _column(path, names, text), _column(path, names, label)
    rows, skipped = [], 0
    for row in reader:
        if not row:
            continue
        said, value = (row[n].strip() if n < len(row) else "" for n in at)
        if said and value:
            rows.append((said, value.lower()))
        else:
            skipped += 1
    return rows, skipped


def _column(path: Path, names: Sequence[str], wanted: str) -> int:
    if wanted in names:
        return names.index(wanted)
    alike = [n for n, name in enumerate(names) if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    raise BadFile(f"{path}: no column {wanted!r}; there are {', '.join(map(repr, names)) or 'none'}")


def examples(
    path: Path, text: str, label: str, bad: str, lexicon: Matcher
) -> tuple[list[Example], list[str], list[str]]:
    """The texts with what is to be done to each, which labels are taken as bad, and notes. Raises BadFile."""
    labelled = read_labelled(path, text, label)
    if not labelled.rows:
        raise BadFile(f"{path}: no row has both a {text!r} and a {label!r}")
    counts = Counter(value for _, value in labelled.rows)
    named = frozenset(filter(None, (part.strip() for part in bad.lower().split(","))))
    if named - set(counts):
        there = ", ".join(map(repr, sorted(counts)[:_SHOWN]))
        raise BadFile(f"{path}: no {label!r} is {', '.join(map(repr, sorted(named - set(counts))))}; there are {there}")
    numbers = all(map(_is_number, counts))
    if not named and not numbers and len(counts) > _MOST_LABELS:
        first = ", ".join(repr(value[:30]) for value in list(counts)[:3])
        raise BadFile(
            f"{path}: {label!r} has {len(counts)} different values ({first}, …): is it the label? "
            "Name another column with --label, or the values to reject with --bad"
        )
    taken, why = (named, "as --bad says") if named else bad_labels(labelled.rows, lexicon)
    rows = [Example(said, value in taken) for said, value in labelled.rows]
    if len({row.bad for row in rows}) < 2:
        raise BadFile(
            f"{path}: all {len(rows)} texts are of one kind ({label!r} is {', '.join(map(repr, sorted(counts)[:5]))}); "
            f"say which values of {label!r} are bad with --bad"
        )
    shown = sorted(taken) if len(taken) <= _SHOWN else [*sorted(taken)[:3], "…", max(taken)]
    return rows, shown, [*labelled.notes, f"bad labels: {why}"]


def bad_labels(rows: Sequence[tuple[str, str]], lexicon: Matcher) -> tuple[frozenset[str], str]:
    """Which labels mean "reject" where nobody says so, and how that was found out.

    Shares in 0..1: from one half on. A word for harmless among them: all others. Else the harmless one is that whose
    texts hold the smallest share of listed words, or the number 0 where those shares do not tell.
    """
    values = {value for _, value in rows}
    if all(map(_is_number, values)) and all(0 <= float(value) <= 1 for value in values):
        return frozenset(value for value in values if float(value) >= 0.5), "numbers up to 1, from 0.5 on"
    numbered = all(map(_is_number, values))
    harmless = set() if numbered else {value for value in values if _sounds_harmless(value, values)}
    if harmless and harmless != values:
        return frozenset(values - harmless), f"{', '.join(sorted(harmless))} sounds harmless, the others are bad"
    shares = {value: _listed_share(rows, value, lexicon) for value in sorted(values)}
    zero = next((value for value in sorted(values) if numbered and float(value) == 0), None)
    if zero is not None and max(shares.values()) - min(shares.values()) < 0.02:
        return frozenset(values - {zero}), "0 is harmless, the others are bad"
    least = min(shares, key=shares.__getitem__)
    told = f"texts labelled {least} hold the fewest listed words ({shares[least]:.1%})"
    return frozenset(values - {least}), told + "; if that is wrong, use --bad"


def _sounds_harmless(value: str, values: set[str]) -> bool:
    plain = re.sub(r"[\W_]+", "", value)
    if plain in _HARMLESS:
        return True
    denial = _DENIAL.match(plain)
    others = [re.sub(r"[\W_]+", "", other) for other in values if other != value]
    return denial is not None and any(other[:4] == denial["what"][:4] for other in others)


def _listed_share(rows: Sequence[tuple[str, str]], value: str, lexicon: Matcher) -> float:
    texts = [said for said, label in rows if label == value][:500]
    return sum(bool(lexicon.find(read(said))) for said in texts) / max(1, len(texts))


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
