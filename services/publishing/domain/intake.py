"""From a source's article to a draft, and whether that draft may leave on its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.publishing.domain.attribution import missing
from services.publishing.domain.content import Content, State
from services.publishing.domain.html import clean_html
from services.publishing.domain.routing import Routing
from services.publishing.domain.slugs import slugify
from services.publishing.domain.workflow import Standing, obstacle
from shared.events import ArticleIngested


def content_from(article: ArticleIngested) -> Content:
    """The content of a draft as its source wrote it; the credit is the byline, else the wire, else the outlet."""
    return Content(
        headline=article.headline,
        summary=article.summary,
        body_html=clean_html(article.body_html),
        language=article.language,
        outlet=article.outlet,
        wire=article.wire,
        credit=article.byline or article.wire or article.outlet,
        byline=article.byline,
        authors=article.authors,
        source_url=article.source_url,
        published_at=article.published_at,
        section=slugify(article.section or "") or None,
        keywords=article.keywords,
        pictures=article.pictures,
        videos=article.videos,
        urgency=article.urgency if article.urgency is not None and 1 <= article.urgency <= 9 else None,
        ednote=article.ednote,
        embargoed_until=article.embargoed_until,
        held=article.held,
    )


@dataclass(frozen=True)
class Leave:
    """Whether a draft goes out on its own: at `due_at`, which waits for `waits_for`; or not, and why."""

    due_at: datetime | None
    waits_for: str = "enrichment"
    why_not: str | None = None
    spiked: bool = False

    @property
    def state(self) -> State:
        """The state of a draft that goes this way."""
        return "spiked" if self.spiked else "scheduled" if self.due_at else "draft"


def may_leave(content: Content, trusted: bool, now: datetime, wait: float) -> Leave:
    """A trusted source's complete story leaves after `wait` seconds for its enrichment, or when its embargo ends."""
    if not trusted:
        return Leave(None)
    standing = Standing("draft", missing=missing(content), held=content.held)
    against = obstacle("publish", standing)
    if against:
        return Leave(None, why_not=against)
    if content.embargoed_until and content.embargoed_until > now:
        return Leave(content.embargoed_until, "embargo")
    return Leave(now + timedelta(seconds=wait))


def leave_by(content: Content, trusted: bool, routing: Routing, now: datetime, wait: float) -> Leave:
    """As `may_leave`, after the desk's rules: they may let a story out, hold it back or put it away."""
    why = " ".join(routing.why)
    if routing.outcome == "spike":
        return Leave(None, why_not=f"Put away by rule “{routing.decided_by}”. {why}", spiked=True)
    if routing.outcome == "hold":
        return Leave(None, why_not=f"Held back by rule “{routing.decided_by}”. {why}")
    return may_leave(content, trusted or routing.outcome == "publish", now, wait)
