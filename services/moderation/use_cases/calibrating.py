"""Scorers outside are believed where the desk's own decisions bear them out: what each said, and what people then said.

Like the learner it is a fold over the decision log, so every replica comes to the same thresholds.
"""

from dataclasses import replace
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Score
from services.moderation.domain.policy import ScorePolicy
from services.moderation.domain.thresholds import Evidence, Thresholds, derive_for
from services.moderation.storage import lessons

_AT_ONCE: Final = 2000
_REDRAW: Final = 25


class Calibrator:
    """Evidence on each scorer's model, by language. A scorer with another model begins anew, in shadow."""

    def __init__(self) -> None:
        self.position = 0
        self._evidence: dict[tuple[str, str], Evidence] = {}
        self._drawn: dict[tuple[str, str, ScorePolicy], tuple[int, Thresholds]] = {}

    async def catch_up(self, session: AsyncSession) -> None:
        """Take in what people decided since."""
        while rows := await lessons.heard(session, self.position, _AT_ONCE):
            for row in rows:
                self.position = row.position
                if row.verdict != "hold":
                    self._take(row.language, row.verdict == "reject", row.scores or [])

    def _take(self, language: str, rejected: bool, scores: list[dict[str, Any]]) -> None:
        for score in scores:
            if score["scorer"] != "learner" and score["scores"]:
                evidence = self._evidence.setdefault((score["model"], language), Evidence())
                evidence.add(max(score["scores"].values()), rejected)

    def weigh(self, score: Score, language: str, policy: ScorePolicy) -> Score:
        """The score with the thresholds its record bears; in shadow while it bears none. A silence stays as it is."""
        if score.scores is None:
            return score
        drawn = self._thresholds(score.model, language, policy)
        unproven = drawn.hold_from is None and drawn.reject_from is None
        return replace(score, hold_from=drawn.hold_from, reject_from=drawn.reject_from, shadow=score.shadow or unproven)

    def _thresholds(self, model: str, language: str, policy: ScorePolicy) -> Thresholds:
        evidence = self._evidence.get((model, language), Evidence())
        key = (model, language, policy)
        known = self._drawn.get(key)
        if known is None or evidence.seen >= known[0] + _REDRAW:
            known = self._drawn[key] = (evidence.seen, derive_for(policy, *evidence.remembered()))
        return known[1]

    def standing(self, policy: ScorePolicy) -> dict[str, dict[str, object]]:
        """What was heard of each scorer's model, by language, and the thresholds that follow."""
        return {
            f"{model} {language}": {"seen": evidence.seen, **self._thresholds(model, language, policy).as_json()}
            for (model, language), evidence in sorted(self._evidence.items())
        }
