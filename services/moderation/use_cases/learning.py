"""The learners, told from the decision log: each process follows the log, stored models only shorten the way."""

from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Score
from services.moderation.domain.features import VERSION, features, spoken_features, words_with_places
from services.moderation.domain.learner import Learner, from_bytes
from services.moderation.domain.policy import ScorePolicy
from services.moderation.domain.text import Reading, read
from services.moderation.domain.thresholds import Thresholds, derive_for
from services.moderation.domain.wordlist import Matcher, parse
from services.moderation.storage import lessons
from services.moderation.use_cases.lists import shipped_list

_AT_ONCE: Final = 500
_KEEP_DAYS: Final = 90
#: Store models after this many lessons; thresholds are drawn anew after as many as `_REDRAW`.
STORE_AFTER: Final = 200
_REDRAW: Final = 25
#: Every hundredth of log-odds a word adds is not worth showing; this much is.
_TELLING: Final = 0.05


@lru_cache(maxsize=1)
def lexicon() -> Matcher:
    """The shipped lists as the learner's prior knowledge; they are part of what its features are."""
    return Matcher((*parse(shipped_list("en"), "en"), *parse(shipped_list("vi"), "vi")))


@lru_cache(maxsize=1)
def features_version() -> str:
    """Names the features: their code's version and the shipped lists' content."""
    lists = shipped_list("en") + shipped_list("vi")
    return f"{VERSION}-{sha256(lists.encode()).hexdigest()[:8]}"


class Teacher:
    """Every language's learner, as the log says up to `position`."""

    def __init__(self) -> None:
        self.position = 0
        self._models: dict[str, Learner] = {}
        self._drawn: dict[tuple[str, ScorePolicy], tuple[int, Thresholds]] = {}
        self._began = False
        self._stored_at = 0
        self._since_stored = 0

    async def catch_up(self, session: AsyncSession, until: int | None = None) -> None:
        """Learn what was decided since; with `until`, stand as after that position, forgetting what came later."""
        if not self._began or (until is not None and self.position > until):
            await self._begin(session, until)
        while True:
            rows = await lessons.lessons(session, self.position, until, _AT_ONCE)
            for row in rows:
                self._learn(row)
            if len(rows) < _AT_ONCE:
                return

    async def _begin(self, session: AsyncSession, until: int | None) -> None:
        self.position, self._models, self._drawn = 0, {}, {}
        for row in await lessons.models(session, until):
            try:
                self._models[row.language] = from_bytes(row.weights, features_version())
            except ValueError:  # made with other features: told anew from the log
                self.position, self._models = 0, {}
                break
            self.position = max(self.position, row.position)
        self._began, self._stored_at, self._since_stored = True, self.position, 0

    def take(self, language: str, model: Learner) -> None:
        """Use a model that was taught elsewhere, as measurements do."""
        self._models[language] = model

    def _learn(self, row: lessons.Lesson) -> None:
        self.position = row.position
        if row.text is None or row.verdict == "hold":
            return
        model = self._models.setdefault(row.language, Learner())
        model.learn(features(read(row.text), lexicon()), row.verdict == "reject", row.weight, row.position)
        self._since_stored += 1

    def score(self, reading: Reading, language: str, policy: ScorePolicy) -> Score:
        """What the language's learner says of a text, with the thresholds its own record bears."""
        model = self._models.get(language)
        if model is None:
            return Score("learner", f"learner-{features_version()}-{language}@0", {"reject": 0.5})
        value = model.score(spoken_features(reading, lexicon()))
        drawn = self._thresholds(language, model, policy)
        spans: tuple[tuple[int, int], ...] = ()
        if drawn.hold_from is not None and value >= drawn.hold_from:
            spans = _telling(model, reading)
        return Score(
            scorer="learner",
            model=f"learner-{features_version()}-{language}@{model.position}",
            scores={"reject": round(value, 6)},
            spans=spans,
            hold_from=drawn.hold_from,
            reject_from=drawn.reject_from,
        )

    def _thresholds(self, language: str, model: Learner, policy: ScorePolicy) -> Thresholds:
        key = (language, policy)
        known = self._drawn.get(key)
        if known is None or model.seen >= known[0] + _REDRAW:
            drawn = derive_for(policy, *model.remembered())
            known = self._drawn[key] = (model.seen, drawn)
        return known[1]

    async def store(self, session: AsyncSession, now: datetime) -> bool:
        """Keep the models when enough was learned since; True when they were."""
        if self._since_stored < STORE_AFTER:
            return False
        rows = []
        for language, model in sorted(self._models.items()):
            weights = model.to_bytes(features_version())
            rows.append(
                {
                    "language": language,
                    "position": self.position,
                    "weights": weights,
                    "sha256": sha256(weights).hexdigest(),
                    "seen": model.seen,
                    "created_at": now,
                }
            )
        await lessons.keep_models(session, rows, now - timedelta(days=_KEEP_DAYS))
        self._stored_at, self._since_stored = self.position, 0
        return True

    def may_decide(self, policy: ScorePolicy) -> bool:
        """Whether any language's evidence bears a threshold: before that a better learner changes nothing."""
        drawn = [self._thresholds(language, model, policy) for language, model in self._models.items()]
        return any(one.hold_from is not None or one.reject_from is not None for one in drawn)

    def digests(self) -> dict[str, str]:
        """Each language's model as a SHA-256: equal where the models are, bit for bit."""
        return {language: model.digest() for language, model in sorted(self._models.items())}

    def standing(self, policy: ScorePolicy) -> dict[str, dict[str, object]]:
        """What each learner has seen, and the thresholds that follow."""
        return {
            language: {
                "seen": model.seen,
                "position": model.position,
                **self._thresholds(language, model, policy).as_json(),
            }
            for language, model in sorted(self._models.items())
        }


def _telling(model: Learner, reading: Reading) -> tuple[tuple[int, int], ...]:
    """The words that weigh most towards a rejection, at most three."""
    weighed = [(float(model.weights[place]), span) for span, place in words_with_places(reading)]
    heaviest = sorted((pair for pair in weighed if pair[0] > _TELLING), reverse=True)[:3]
    return tuple(sorted(span for _, span in heaviest))
