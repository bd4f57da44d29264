"""What differs between two contents, field by field and word by word."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from services.publishing.domain.content import Content
from services.publishing.domain.sentences import words

_TEXT = frozenset({"headline", "summary", "body_html", "ednote", "byline", "credit"})


@dataclass(frozen=True)
class Run:
    """A run of words that stayed (`same`), went (`out`) or came (`in`)."""

    kind: Literal["same", "out", "in"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One field that differs; `words` compares running text word by word and is empty for other values."""

    field: str
    old: Any
    new: Any
    words: tuple[Run, ...] = ()


def differences(old: Content, new: Content) -> list[Difference]:
    """The fields in which two contents differ, in the order of the content's fields."""
    was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    return [
        Difference(name, was[name], now[name], _compare(name, was[name], now[name]))
        for name in was
        if was[name] != now[name]
    ]


def _compare(name: str, old: Any, new: Any) -> tuple[Run, ...]:
    return tuple(compare_words(old or "", new or "")) if name in _TEXT else ()


def compare_words(old: str, new: str) -> list[Run]:
    """Word by word: the `same` and `out` runs join to the old text, the `same` and `in` runs to the new."""
    was, now = words(old), words(new)
    runs: list[Run] = []
    for tag, i, j, k, m in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(was[i:j])))
            continue
        runs += [Run("out", "".join(was[i:j]))] if j > i else []
        runs += [Run("in", "".join(now[k:m]))] if m > k else []
    return runs
