"""The court: the live policy with its rules compiled, kept in step with the database by every replica."""

from dataclasses import dataclass
from importlib import resources

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.judge import Judge
from services.moderation.domain.policy import Policy
from services.moderation.domain.wordlist import Entry, Matcher, parse
from services.moderation.rules import standard_rules
from services.moderation.storage import policies

#: What decides until an operator says otherwise; it ships with the service and has no row.
BUILT_IN = "built-in@0"


@dataclass(frozen=True, slots=True)
class Sitting:
    """A policy ready to judge, and the name its decisions carry (`name@version`)."""

    name: str
    judge: Judge

    @property
    def policy(self) -> Policy:
        """The policy's data."""
        return self.judge.policy


def shipped_list(name: str) -> str:
    """The word list that ships under a name; FileNotFoundError when there is none."""
    return (resources.files("services.moderation.rules") / "lists" / f"{name}.txt").read_text(encoding="utf-8")


async def matcher_for(session: AsyncSession, policy: Policy) -> Matcher:
    """The word lists a policy pins, compiled together. LookupError names a list that does not exist."""
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


async def sitting_for(session: AsyncSession, name: str, policy: Policy) -> Sitting:
    """A policy with its lists and rules."""
    return Sitting(name, Judge(policy, standard_rules(await matcher_for(session, policy))))


class Court:
    """Holds what is live; `sit` brings it up to date at the beginning of each batch."""

    def __init__(self) -> None:
        self._sitting: Sitting | None = None

    async def sit(self, session: AsyncSession) -> Sitting:
        """The live policy, compiled anew only when another one became live."""
        row = await policies.live(session)
        name = f"{row.name}@{row.version}" if row else BUILT_IN
        if self._sitting is None or self._sitting.name != name:
            self._sitting = await sitting_for(session, name, Policy.model_validate(row.body) if row else Policy())
        return self._sitting
