"""Scorers asked over HTTP, in two dialects.

`openai` (POST `{"model", "input"}` → `{"results": [{"category_scores": {label: p}}]}`) and `generic` (POST `{"text",
"language", "context"}` → `{"scores": {label: p}, "spans"?: [[start, end]], "model"?: name}`).
"""

import time
from dataclasses import dataclass
from typing import Any

import orjson

from services.moderation.domain.case import Context, Score
from services.moderation.rules.scorers.shares import share
from services.moderation.settings import ScorerSettings
from shared.runtime.outbound import OutboundError, OutboundRefused, SafeClient

_Answer = tuple[str, dict[str, float], tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class HttpScorer:
    """A scorer that is asked over HTTP. Never raises: a failure is a `Score` without scores that says why."""

    settings: ScorerSettings
    client: SafeClient

    async def score(self, text: str, language: str, context: Context) -> Score:
        """Ask, within the scorer's own time limit."""
        began = time.perf_counter()
        try:
            model, scores, spans = await self._ask(text, language, context)
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

    async def _ask(
        self, text: str, language: str, context: Context
    ) -> tuple[str, dict[str, float], tuple[tuple[int, int], ...]]:
        given = self.settings
        openai = given.kind == "openai"
        said: dict[str, Any] = {"text": text, "language": language, "context": context}
        body = {"model": given.model, "input": text} if openai else said
        headers = {"Content-Type": "application/json"}
        if given.key is not None:
            headers["Authorization"] = f"Bearer {given.key.get_secret_value()}"
        answer = await self.client.post(given.url, content=orjson.dumps(body), headers=headers, seconds=given.seconds)
        if not answer.is_success:
            raise ValueError(f"{given.url} answered {answer.status_code}")
        told = answer.json()
        try:
            found = told["results"][0]["category_scores"] if openai else told["scores"]
            scores = {str(label): share(value) for label, value in found.items() if label not in given.harmless}
            spans = tuple(
                (int(start), int(end)) for start, end in told.get("spans", ()) if 0 <= start < end <= len(text)
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"{given.url} answered in another shape ({type(error).__name__}: {error})") from None
        return str(told.get("model", given.model)), scores, spans
