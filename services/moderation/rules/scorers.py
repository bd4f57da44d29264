"""Scorers outside this process, behind one interface: text in, probability per label out, or a reason why not.

Two dialects of HTTP: `openai` (POST `{"model", "input"}` → `{"results": [{"category_scores": {label: p}}]}`) and
`generic` (POST `{"text", "language"}` → `{"scores": {label: p}, "spans"?: [[start, end]], "model"?: name}`).
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import orjson

from services.moderation.domain.case import Score
from services.moderation.settings import ScorerSettings
from shared.runtime.outbound import OutboundError, OutboundRefused, SafeClient


class Scorer(Protocol):
    """Anything that scores. Never raises: a failure is a `Score` without scores that says why."""

    async def score(self, text: str, language: str) -> Score: ...


@dataclass(frozen=True, slots=True)
class HttpScorer:
    """A scorer that is asked over HTTP."""

    settings: ScorerSettings
    client: SafeClient

    async def score(self, text: str, language: str) -> Score:
        """Ask, within the scorer's own time limit."""
        began = time.perf_counter()
        try:
            model, scores, spans = await self._ask(text, language)
            failure = None
        except (OutboundError, OutboundRefused, TimeoutError, ValueError) as error:
            model, scores, spans, failure = self.settings.model, None, (), f"{type(error).__name__}: {error}"[:200]
        return Score(
            scorer=self.settings.name,
            model=f"{self.settings.name}:{model}",
            scores=scores,
            spans=spans,
            milliseconds=round((time.perf_counter() - began) * 1e3, 1),
            failure=failure,
            on_failure=self.settings.on_failure,
            shadow=not self.settings.live,
        )

    async def _ask(self, text: str, language: str) -> tuple[str, dict[str, float], tuple[tuple[int, int], ...]]:
        given = self.settings
        openai = given.kind == "openai"
        body = {"model": given.model, "input": text} if openai else {"text": text, "language": language}
        headers = {"Content-Type": "application/json"}
        if given.key is not None:
            headers["Authorization"] = f"Bearer {given.key.get_secret_value()}"
        answer = await self.client.post(given.url, content=orjson.dumps(body), headers=headers, seconds=given.seconds)
        if not answer.is_success:
            raise ValueError(f"{given.url} answered {answer.status_code}")
        told = answer.json()
        try:
            found = told["results"][0]["category_scores"] if openai else told["scores"]
            scores = {str(label): _share(value) for label, value in found.items()}
            spans = tuple(
                (int(start), int(end)) for start, end in told.get("spans", ()) if 0 <= start < end <= len(text)
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"{given.url} answered in another shape ({type(error).__name__}: {error})") from None
        return str(told.get("model", given.model)), scores, spans


def _share(value: Any) -> float:
    share = float(value)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a score of {share} is no probability")
    return share


class Scorers:
    """All scorers outside this process; an async context manager."""

    def __init__(self, settings: Sequence[ScorerSettings]) -> None:
        self._client = SafeClient()
        self.all: tuple[Scorer, ...] = tuple(HttpScorer(each, self._client) for each in settings)
        self.names = tuple(each.name for each in settings)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def ask(self, text: str, language: str) -> tuple[Score, ...]:
        """Ask all at once."""
        return tuple(await asyncio.gather(*(scorer.score(text, language) for scorer in self.all)))
