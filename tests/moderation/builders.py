"""What moderation's tests build: cases, policies at work, and a served service."""

from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from services.moderation.domain.case import Case
from services.moderation.domain.judge import Judge, Ruling
from services.moderation.domain.policy import Policy
from services.moderation.rules import standard_rules
from services.moderation.settings import Settings
from services.moderation.use_cases.learning import lexicon
from shared.runtime import Database

TOKEN = "nwr_test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
A_GOOD_COMMENT = "I walked across the old bridge yesterday and the new one really cannot come soon enough."


def a_case(text: str = A_GOOD_COMMENT, **given: Any) -> Case:
    """A comment by an ordinary author in an open thread."""
    base: dict[str, Any] = {"comment_id": UUID(int=1), "article_id": UUID(int=2), "revision": 1}
    return Case(text=text, **{**base, **given})


def judged(case: Case, **policy: Any) -> Ruling:
    """The ruling of all rules under a policy given by what differs from the built-in one."""
    return Judge(Policy.model_validate(policy), standard_rules(lexicon())).judge(case)


def codes(ruling: Ruling) -> set[str]:
    """The codes of a ruling's reasons."""
    return {reason.code for reason in ruling.reasons}


def settings(database_url: str, redis_url: str = "redis://127.0.0.1:1/0", **given: Any) -> Settings:
    """Settings of a service under test."""
    return Settings(database_url=database_url, redis_url=redis_url, token=SecretStr(TOKEN), **given)


def a_database(url: str) -> Database:
    """A database as the service would open it."""
    return Database(settings(url), "moderation")


def ids(count: int) -> list[UUID]:
    """New ids."""
    return [uuid4() for _ in range(count)]
