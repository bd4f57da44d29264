"""A policy is data: what each rule may do, how severe a finding is, what may be automated, when people look.

Each rule reads its own part. An `Action` says what a finding means: `off` (do not report it), `note` (written down,
decides nothing), `hold` or `reject`. A finding whose code stands in `shadow` is recorded and never counts.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Action = Literal["off", "note", "hold", "reject"]
Mode = Literal["pre", "post", "reactive"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LengthPolicy(_Part):
    """Code points after trimming."""

    shortest: int = 2
    longest: int = 5000
    too_short: Action = "hold"
    too_long: Action = "reject"


class RepeatPolicy(_Part):
    """Copies of an earlier comment. `alike` is the likeness (0..1) of their letters from which two are one text."""

    alike: Share = 0.8
    shortest: int = 30
    same_author: Action = "hold"
    same_author_from: int = 1
    many_same_author: Action = "reject"
    many_from: int = 3
    across_authors: Action = "hold"
    across_from: int = 2
    within_hours: float = 72.0


class FloodPolicy(_Part):
    """How many comments one author may send, counted before this one."""

    per_minute: int = 6
    per_hour: int = 60
    action: Action = "hold"
    drowning: Action = "reject"
    drowning_per_minute: int = 20


class LinkPolicy(_Part):
    """Hosts match by label boundary: `example.com` covers `www.example.com`, never `badexample.com`."""

    most: int = 2
    too_many: Action = "hold"
    new_author: Action = "hold"
    new_author_until: int = 3
    shortener: Action = "hold"
    denied: Action = "reject"
    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()


class WordPolicy(_Part):
    """What a listed word of each category means; `lists` pins versions (0: the list that ships here)."""

    lists: dict[str, int] = {"en": 0, "vi": 0}
    actions: dict[str, Action] = {
        "slur": "reject",
        "threat": "hold",
        "insult": "hold",
        "profanity": "hold",
        "sexual": "hold",
        "advert": "hold",
        "spam": "reject",
    }
    quoted: Action = "note"


class ShoutingPolicy(_Part):
    """Share of capitals among cased letters, from `from_letters` letters on; and runs of one sign."""

    capitals: Share = 0.7
    from_letters: int = 20
    shouted: Action = "hold"
    run_of_signs: int = 8
    signs: Action = "hold"


class ContactPolicy(_Part):
    """Telephone numbers, e-mail addresses, messenger handles, and the words that ask others for theirs."""

    phone: Action = "hold"
    email: Action = "hold"
    harvest: Action = "hold"


class LanguagePolicy(_Part):
    """Languages a thread takes; empty takes all. Below `from_letters` letters or `sure` no language is claimed."""

    expected: tuple[str, ...] = ()
    from_letters: int = 40
    sure: Share = 0.9
    unexpected: Action = "hold"


class AuthorPolicy(_Part):
    """What is known of who writes."""

    first_comments: int = 0
    new_author: Action = "hold"
    little_trust: Share = 0.35
    distrusted: Action = "hold"
    premoderated: Action = "hold"
    suspended: Action = "reject"
    banned: Action = "reject"


class ReportPolicy(_Part):
    """Readers' reports, weighted by how often each reporter was right."""

    weight: float = 1.0
    action: Action = "hold"


class Pattern(_Part):
    """A regular expression of the operator's own; it runs under a time limit."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    expression: str
    action: Action = "hold"
    message: str


class ScorePolicy(_Part):
    """What the scorers may do. Thresholds are derived from decisions (`leak`, `precision`), never typed in.

    `leak`: the share of what is approved automatically that may be wrong. `precision`: the share of what is rejected
    automatically that must be right. `approve_only_below`: with it, only what scores below the derived threshold is
    approved automatically, and nothing is while the evidence is thin; without it, scores may only hold and reject.
    `learn_until`: the learner stands as it was after the decision at this position (a roll-back); None: it goes on.
    """

    leak: Share = 0.02
    precision: Share = 0.98
    confidence: Share = 0.98
    evidence: int = 200
    learn_until: int | None = None
    approve_only_below: bool = False
    shadow: frozenset[str] = frozenset()


class ModePolicy(_Part):
    """`pre`: shown after an approval. `post`: what would be held is shown and queued. `reactive`: so, not queued.

    The most particular entry wins: article, then section, then what the thread says, then `site`.
    """

    site: Mode = "pre"
    sections: dict[str, Mode] = {}
    articles: dict[str, Mode] = {}
    never_shown_first: frozenset[str] = frozenset(
        {"author.premoderated", "author.distrusted", "words.slur", "words.threat", "signal.unknown", "reports.weight"}
    )


class Policy(_Part):
    """One whole policy. Everything has a sensible default, so a draft names only what differs."""

    length: LengthPolicy = LengthPolicy()
    repeat: RepeatPolicy = RepeatPolicy()
    flood: FloodPolicy = FloodPolicy()
    links: LinkPolicy = LinkPolicy()
    words: WordPolicy = WordPolicy()
    shouting: ShoutingPolicy = ShoutingPolicy()
    contact: ContactPolicy = ContactPolicy()
    language: LanguagePolicy = LanguagePolicy()
    author: AuthorPolicy = AuthorPolicy()
    reports: ReportPolicy = ReportPolicy()
    patterns: tuple[Pattern, ...] = ()
    pattern_seconds: Annotated[float, Field(gt=0, le=1)] = 0.02
    scores: ScorePolicy = ScorePolicy()
    modes: ModePolicy = ModePolicy()
    closed_thread: Action = "reject"
    missing_signal: Literal["hold", "reject"] = "hold"
    shadow: frozenset[str] = frozenset()
    uncertain_share: Share = 0.2

    @model_validator(mode="after")
    def _patterns_have_names_of_their_own(self) -> "Policy":
        names = [pattern.name for pattern in self.patterns]
        if len(names) != len(set(names)):
            raise ValueError("patterns: two patterns have the same name; each needs its own")
        return self

    def mode_of(self, article_id: str, section: str | None, thread: Mode | None) -> Mode:
        """The mode that holds for one article's thread."""
        if article_id in self.modes.articles:
            return self.modes.articles[article_id]
        if section is not None and section in self.modes.sections:
            return self.modes.sections[section]
        return thread or self.modes.site
