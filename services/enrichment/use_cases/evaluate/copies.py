"""Copies of seven kinds, as news is copied: trimmed, retitled, bylined, merged, excerpted, cut short, retouched."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.enrichment.domain.text import sentences, words

LEAST_WORDS = 60
_PER_KIND = 150


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy, and the numbers of the articles it was made of."""

    kind: str
    text: str
    sources: frozenset[int]


def worth_copying(bodies: Sequence[str]) -> list[int]:
    """The numbers of the articles long enough to be copied."""
    return [n for n, body in enumerate(bodies) if len(words(body)) >= LEAST_WORDS]


def copies(bodies: Sequence[str], seed: int = 1) -> Iterator[Copy]:
    """At most 150 of each kind, the same for the same seed."""
    chance, long = random.Random(seed), worth_copying(bodies)
    for kind, make in KINDS.items():
        for number in chance.sample(long, min(_PER_KIND, len(long))):
            other = chance.choice([n for n in long if n != number])
            text = make(bodies[number], bodies[other], chance)
            yield Copy(kind, text, frozenset({number, other} if kind == "merged" else {number}))


def _trimmed(body: str, _: str, chance: random.Random) -> str:
    lines = sentences(body)
    return " ".join(lines[: max(1, round(len(lines) * chance.uniform(0.6, 0.9)))])


def _retitled(body: str, _: str, _chance: random.Random) -> str:
    return body


def _bylined(body: str, _: str, _chance: random.Random) -> str:
    return f"By Our Correspondent (Agency)\n{body}\nReporting by A. Writer; editing by B. Reader."


def _merged(body: str, other: str, _chance: random.Random) -> str:
    return f"{body}\n{other}"


def _excerpted(body: str, _: str, chance: random.Random) -> str:
    lines = sentences(body)
    start = chance.randrange(max(1, len(lines) // 2))
    return " ".join(lines[start : start + max(3, len(lines) // 2)])


def _cut_to_30_percent(body: str, _: str, chance: random.Random) -> str:
    told = body.split()
    size = max(20, round(len(told) * 0.3))
    start = chance.randrange(max(1, len(told) - size))
    return " ".join(told[start : start + size])


def _retouched(body: str, _: str, chance: random.Random) -> str:
    told = body.split()
    for at in chance.sample(range(len(told)), max(1, len(told) // 40)):
        told[at] = "indeed"
    return " ".join(told)


KINDS: dict[str, Callable[[str, str, random.Random], str]] = {
    "trimmed": _trimmed,
    "retitled": _retitled,
    "bylined": _bylined,
    "merged": _merged,
    "excerpted": _excerpted,
    "cut_to_30_percent": _cut_to_30_percent,
    "retouched": _retouched,
}
