"""Scorers beside the built-in learner, behind one interface: text in, a probability per label out, or why not."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from services.moderation.domain.case import Context, Score
from services.moderation.rules.scorers.http import HttpScorer
from services.moderation.rules.scorers.local import LocalScorer
from services.moderation.settings import ScorerSettings
from shared.runtime.outbound import SafeClient


class Scorer(Protocol):
    """Anything that scores. Never raises: a failure is a `Score` without scores that says why."""

    async def score(self, text: str, language: str, context: Context) -> Score: ...


class Scorers:
    """All scorers beside the learner; an async context manager. Raises ValueError for one that cannot be used."""

    def __init__(self, settings: Sequence[ScorerSettings]) -> None:
        self._client = SafeClient()
        #: Whether one that must not be missed did not answer when last asked.
        self.silent = False
        self.all: tuple[Scorer, ...] = tuple(
            LocalScorer(each) if each.kind == "onnx" else HttpScorer(each, self._client) for each in settings
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def ask(self, text: str, language: str, context: Context) -> tuple[Score, ...]:
        """Ask all at once."""
        scores = tuple(await asyncio.gather(*(scorer.score(text, language, context) for scorer in self.all)))
        self.silent = any(score.scores is None and score.on_failure == "hold" for score in scores)
        return scores
