"""The rules, one file each. `standard_rules` is every one, in the order in which reasons are listed."""

from services.moderation.domain.judge import Rule
from services.moderation.domain.wordlist import Matcher
from services.moderation.rules import (
    author,
    closed_thread,
    contact,
    flood,
    language,
    length,
    links,
    patterns,
    repeat,
    reports,
    scores,
    shouting,
)
from services.moderation.rules.words import WordRule


def standard_rules(matcher: Matcher) -> tuple[Rule, ...]:
    """Every rule; the word lists come compiled."""
    return (
        closed_thread.check,
        author.check,
        flood.check,
        length.check,
        repeat.check,
        links.check,
        WordRule(matcher),
        shouting.check,
        contact.check,
        language.check,
        reports.check,
        patterns.check,
        scores.check,
    )
