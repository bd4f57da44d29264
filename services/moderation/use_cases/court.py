"""The court: the live policy and those in shadow, compiled, kept in step with the database by every replica."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Case
from services.moderation.domain.judge import Judge, Ruling
from services.moderation.domain.language import warm
from services.moderation.domain.policy import Policy
from services.moderation.domain.wordlist import Entry, Matcher, parse
from services.moderation.rules import standard_rules
from services.moderation.rules.scorers import Scorers
from services.moderation.storage import policies
from services.moderation.use_cases.calibrating import Calibrator
from services.moderation.use_cases.learning import Teacher, lexicon
from services.moderation.use_cases.lists import shipped_list
from shared.events import VerdictReason

#: What decides until an operator says otherwise; it ships with the service and has no row.
BUILT_IN = "built-in@0"
#: The rule, and the beginning of the codes, of what a policy in shadow says.
SHADOW = "policy"


@dataclass(frozen=True, slots=True)
class Sitting:
    """A policy ready to judge, the name its decisions carry (`name@version`), and who listens in shadow."""

    name: str
    judge: Judge
    teacher: Teacher
    calibrator: Calibrator
    shadows: tuple[tuple[str, Judge], ...] = ()

    @property
    def policy(self) -> Policy:
        """The policy's data."""
        return self.judge.policy

    def rule_on(self, case: Case) -> Ruling:
        """The live policy's ruling; what each policy in shadow would have said is noted beside it, and never counts."""
        ruling = self.judge.judge(case)
        if not self.shadows:
            return ruling
        return replace(ruling, reasons=(*ruling.reasons, *(self._heard(*each, case) for each in self.shadows)))

    def _heard(self, name: str, judge: Judge, case: Case) -> VerdictReason:
        if judge.policy.scores != self.policy.scores:
            case = redrawn(case, self.teacher.standing(judge.policy.scores))
        would = judge.judge(case)
        codes = sorted({r.code for r in would.reasons if r.verdict == would.verdict and not r.shadow})
        return VerdictReason(
            code=f"{SHADOW}.{name}",
            rule=SHADOW,
            message=f"{name}, in shadow, would {would.verdict} it" + (f" ({', '.join(codes)})." if codes else "."),
            verdict=would.verdict,
            shadow=True,
        )


def redrawn(case: Case, standing: Mapping[str, Mapping[str, Any]]) -> Case:
    """The case with the learner's thresholds drawn for other risks (as `Teacher.standing` tells them)."""
    drawn = standing.get(case.language)
    if drawn is None:
        return case
    scores = tuple(
        replace(score, hold_from=drawn["hold_from"], reject_from=drawn["reject_from"])
        if score.scorer == "learner"
        else score
        for score in case.scores
    )
    return replace(case, scores=scores)


async def matcher_for(session: AsyncSession, policy: Policy) -> Matcher:
    """The word lists a policy pins, compiled together. LookupError names a list that does not exist."""
    if policy.words.lists == {"en": 0, "vi": 0}:
        return lexicon()
    entries: list[Entry] = []
    for name, version in sorted(policy.words.lists.items()):
        if version == 0:
            content = shipped_list(name)
        else:
            row = await policies.list_version(session, name, version)
            if row is None:
                raise LookupError(f"word list {name!r} has no version {version}")
            content = row.content
        entries += parse(content, f"{name}@{version}")
    return Matcher(tuple(entries))


async def judge_for(session: AsyncSession, policy: Policy) -> Judge:
    """A policy with its lists and rules."""
    return Judge(policy, standard_rules(await matcher_for(session, policy)))


class Court:
    """Holds who sits; `sit` brings it up to date at the beginning of each batch."""

    def __init__(self, scorers: Scorers | None = None) -> None:
        self.scorers = scorers or Scorers(())
        self.teacher = Teacher()
        self.calibrator = Calibrator()
        #: While a flood comes in, the clock decides only a little at a time.
        self.put_off_until = datetime.min.replace(tzinfo=UTC)
        self._sitting: Sitting | None = None
        self._seats: tuple[policies.Seat, ...] = ()
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Read in at the start what the first comments would otherwise wait for (word lists, the language model)."""
        await asyncio.to_thread(lexicon)
        await asyncio.to_thread(warm)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held open."""

    async def sit(self, session: AsyncSession) -> Sitting:
        """The live policy, compiled anew only when another one became live, with the learner caught up."""
        async with self._one_at_a_time:
            return await self._sit(session)

    async def _sit(self, session: AsyncSession) -> Sitting:
        seats, taught = await policies.seats(session)
        if self._sitting is None or seats != self._seats:
            self._sitting, self._seats = await self._seated(session, seats), seats
        until = self._sitting.policy.scores.learn_until
        if until is not None or taught > self.teacher.position:
            await self.teacher.catch_up(session, until)
        if self.scorers.all and taught > self.calibrator.position:
            await self.calibrator.catch_up(session)
        return self._sitting

    async def _seated(self, session: AsyncSession, seats: Sequence[policies.Seat]) -> Sitting:
        judges = [(seat.name, await self._judge(session, seat)) for seat in seats]
        if not seats or seats[0].status != "live":
            judges.insert(0, (BUILT_IN, await judge_for(session, Policy())))
        (name, judge), *shadows = judges
        return Sitting(name, judge, self.teacher, self.calibrator, tuple(shadows))

    async def _judge(self, session: AsyncSession, seat: policies.Seat) -> Judge:
        row = await policies.get(session, seat.policy_id)
        if row is None:
            raise LookupError(f"policy {seat.name} was there a moment ago and is gone")
        return await judge_for(session, Policy.model_validate(row.body))
