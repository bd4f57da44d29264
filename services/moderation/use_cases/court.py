"""The court: the live policy with its rules compiled, kept in step with the database by every replica."""

import asyncio
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.judge import Judge
from services.moderation.domain.policy import Policy
from services.moderation.domain.wordlist import Entry, Matcher, parse
from services.moderation.rules import standard_rules
from services.moderation.rules.scorers import Scorers
from services.moderation.storage import policies
from services.moderation.use_cases.learning import Teacher, lexicon
from services.moderation.use_cases.lists import shipped_list

#: What decides until an operator says otherwise; it ships with the service and has no row.
BUILT_IN = "built-in@0"


@dataclass(frozen=True, slots=True)
class Sitting:
    """A policy ready to judge, and the name its decisions carry (`name@version`)."""

    name: str
    judge: Judge
    teacher: Teacher

    @property
    def policy(self) -> Policy:
        """The policy's data."""
        return self.judge.policy


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
    """Holds what is live; `sit` brings it up to date at the beginning of each batch."""

    def __init__(self, scorers: Scorers | None = None) -> None:
        self.scorers = scorers or Scorers(())
        self.teacher = Teacher()
        self._sitting: Sitting | None = None
        self._one_at_a_time = asyncio.Lock()

    async def sit(self, session: AsyncSession) -> Sitting:
        """The live policy, compiled anew only when another one became live, with the learner caught up."""
        async with self._one_at_a_time:
            return await self._sit(session)

    async def _sit(self, session: AsyncSession) -> Sitting:
        row = await policies.live(session)
        name = f"{row.name}@{row.version}" if row else BUILT_IN
        if self._sitting is None or self._sitting.name != name:
            judge = await judge_for(session, Policy.model_validate(row.body) if row else Policy())
            self._sitting = Sitting(name, judge, self.teacher)
        await self.teacher.catch_up(session, self._sitting.policy.scores.learn_until)
        return self._sitting
