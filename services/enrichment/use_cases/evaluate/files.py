"""Labelled files as they come: JSON lines of articles, CSV of classes. What cannot be read is named with its line."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_HEADINGS = (["title", "description"], ["title", "text"])


class BadFile(ValueError):
    """A file that cannot be measured; the message names the file, the line and what is wanted."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One article of a file with its label (story, class, …); distractors have none."""

    id: str
    title: str
    text: str
    language: str
    label: str | None


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file of lines, with the number of the line."""
    for at, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadFile(f"{path}, line {at}: each line must be one JSON object ({error})") from error
        if not isinstance(row, dict):
            raise BadFile(f"{path}, line {at}: each line must be one JSON object, this is a {type(row).__name__}")
        yield at, row


def text_of(path: Path, at: int, row: dict[str, Any], name: str, needed: bool = True) -> str:
    """A field that must be text; null and a missing one count as empty where it is not needed."""
    value = row.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        found = "is not there" if name not in row else f"is {'null' if value is None else type(value).__name__}"
        raise BadFile(f"{path}, line {at}: `{name}` must be text; it {found}")
    return sound(value)


def sound(value: str) -> str:
    """The text without halves of characters (lone surrogates), which no text has but JSON can write."""
    return value.encode("utf-8", "replace").decode("utf-8")


def labelled_lines(path: Path, label: str = "story") -> Iterator[Labelled]:
    """Articles of a JSON-lines file with `title`, `text` and, where labelled, `story`; `id` and `lang` may be left out.

    An article that stands there again, word for word under the same id, is read once.
    """
    seen: set[tuple[str, int]] = set()
    for at, row in rows_of(path):
        told = row.get(label)
        if told is not None and not isinstance(told, (str, int)):
            raise BadFile(f"{path}, line {at}: `{label}` must be text or null; it is {type(told).__name__}")
        text = text_of(path, at, row, "text")
        language = row.get("lang") or row.get("language")
        one = Labelled(
            str(row.get("id", at)), text_of(path, at, row, "title", needed=False), text,
            language if isinstance(language, str) else "und", sound(str(told)) if told not in (None, "") else None,
        )  # fmt: skip
        if (one.id, hash(text)) not in seen:
            seen.add((one.id, hash(text)))
            yield one


def labelled_rows(path: Path) -> Iterator[Labelled]:
    """Articles of a CSV file of class, title, text (as AG News has it), or of JSON lines with `section`."""
    if path.suffix.lower() != ".csv":
        for one in labelled_lines(path, "section"):
            if one.label is None:
                raise BadFile(f"{path}: the article with id {one.id} has no `section`")
            yield one
        return
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    rows = enumerate(csv.reader(_lines(path)), 1)
    while True:
        try:
            at, row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(f"{path}: no table of comma-separated values ({error})") from error
        if not row or (at == 1 and [c.strip().lower() for c in row[1:3]] in _HEADINGS):
            continue
        if len(row) < 3 or not row[0].strip():
            raise BadFile(f"{path}, line {at}: three columns are wanted (class, title, text), found {row[:3]}")
        yield Labelled(str(at), row[1], row[2].replace("\\", " "), "en", row[0].strip())


def apart_from(articles: Sequence[Labelled], distractors: Sequence[Labelled]) -> list[Labelled]:
    """The distractors without their labels, and without those that are articles of the file themselves."""
    own = {(a.title, a.text) for a in articles}
    return [replace(d, label=None) for d in distractors if (d.title, d.text) not in own]


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="" if path.suffix.lower() == ".csv" else None) as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: the file must be UTF-8 text ({error})") from error
