"""An author's trust: a Beta posterior over "the next comment is fine" whose evidence fades."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.events import Verdict

HALF_LIFE_DAYS: Final = 90.0
#: A person's verdict counts whole, the machine's own a fifth: it must not talk itself into trusting.
PERSON: Final = 1.0
MACHINE: Final = 0.2


def fading(since: datetime, now: datetime) -> float:
    """What is left of evidence taken at `since`, in 0..1: half after 90 days."""
    days = max(0.0, (now - since).total_seconds() / 86_400)
    return float(0.5 ** (days / HALF_LIFE_DAYS))


@dataclass(frozen=True, slots=True)
class Standing:
    """Faded evidence for and against, as of a moment."""

    good: float
    bad: float
    as_of: datetime

    @property
    def trust(self) -> float:
        """The posterior mean under a uniform prior: (good + 1) / (good + bad + 2)."""
        return (self.good + 1.0) / (self.good + self.bad + 2.0)

    def at(self, now: datetime) -> "Standing":
        """The same evidence, faded until `now`. Time never runs backwards here."""
        if now <= self.as_of:
            return self
        left = fading(self.as_of, now)
        return Standing(self.good * left, self.bad * left, now)

    def after(self, verdict: Verdict, weight: float, now: datetime) -> "Standing":
        """With one more verdict; a `hold` says nothing."""
        here = self.at(now)
        if verdict == "approve":
            return Standing(here.good + weight, here.bad, here.as_of)
        if verdict == "reject":
            return Standing(here.good, here.bad + weight, here.as_of)
        return here

    def without(self, verdict: Verdict, weight: float, decided_at: datetime, now: datetime) -> "Standing":
        """As if a verdict that was since superseded had never been taken."""
        here = self.at(now)
        gone = weight * fading(decided_at, here.as_of)
        if verdict == "approve":
            return Standing(max(0.0, here.good - gone), here.bad, here.as_of)
        if verdict == "reject":
            return Standing(here.good, max(0.0, here.bad - gone), here.as_of)
        return here


def weight_of(decided_by: str) -> float:
    """How much a verdict by this decider counts: `machine` a fifth, a person whole, its author's deletion nothing."""
    if decided_by.startswith("author "):
        return 0.0
    return MACHINE if decided_by == "machine" else PERSON
