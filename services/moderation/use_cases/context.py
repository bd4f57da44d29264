"""What is known about comments before they are judged: one query per kind of knowledge, whatever the batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Alike, Author, AuthorStatus, Case, Context, Reports, Score, Thread
from services.moderation.domain.fingerprints import band_keys, likeness, skeleton
from services.moderation.domain.language import detect
from services.moderation.domain.policy import Mode, Policy
from services.moderation.domain.text import Reading, read
from services.moderation.domain.trust import Standing
from services.moderation.storage import comments, people
from services.moderation.storage.tables import AuthorState, Comment, ThreadState
from services.moderation.use_cases.court import Sitting

log = structlog.get_logger(__name__)


def context_of(comment: Comment) -> Context:
    """What a scorer outside is told beside the text."""
    return {"section": comment.section, "headline": comment.headline, "is_reply": comment.reply_to is not None}


class Earlier(NamedTuple):
    """A comment under a band key: whose, when, and its bare letters."""

    comment_id: UUID
    author_id: str
    at: datetime
    bones: str


@dataclass
class Knowledge:
    """What the database knows about a batch's comments; it grows as the batch is judged, comment by comment."""

    threads: dict[UUID, ThreadState]
    authors: dict[str, AuthorState]
    paces: Mapping[UUID, comments.Pace]
    earlier: dict[int, list[Earlier]]
    fresh_prints: list[dict[str, Any]] = field(default_factory=list)

    def case_of(self, comment: Comment, sitting: Sitting, scores: tuple[Score, ...] = ()) -> Case:
        """The comment with everything known about it, the built-in learner's score first.

        What comes in a torrent is refused for that alone, and not read: reading it would make everybody else wait.
        What cannot be found out is named in `missing`: the policy says what an unknown signal means.
        """
        author = self._author(comment)
        missing: list[str] = []
        language, sure, alike = comment.language, 0.0, Alike()
        if author.last_minute < sitting.policy.flood.drowning_per_minute:
            try:
                reading = read(comment.text)
                language, sure = detect(comment.text, comment.language)
                outside = (sitting.calibrator.weigh(score, language, sitting.policy.scores) for score in scores)
                scores = (sitting.teacher.score(reading, language, sitting.policy.scores), *outside)
                alike = self._alike(comment, reading, sitting.policy)
            except Exception as error:
                log.exception("a comment could not be read", comment=str(comment.id))
                missing.append(f"reading it failed ({type(error).__name__})")
        thread = self.threads.get(comment.article_id)
        return Case(
            comment_id=comment.id,
            article_id=comment.article_id,
            revision=comment.revision,
            text=comment.text,
            language=language,
            language_sure=sure,
            section=comment.section,
            thread=Thread(thread.open, thread.killed, cast("Mode | None", thread.mode)) if thread else Thread(),
            author=author,
            alike=alike,
            reports=Reports(comment.reports, round(comment.report_weight, 4)),
            scores=scores,
            missing=tuple(missing),
        )

    def _author(self, comment: Comment) -> Author:
        row, pace = self.authors[comment.author_id], self.paces[comment.id]
        standing = Standing(row.good, row.bad, row.as_of).at(comment.received_at)
        expired = row.status_until is not None and row.status_until <= comment.received_at
        return Author(
            status=cast("AuthorStatus", "ok" if expired else row.status),
            trust=round(standing.trust, 4),
            approved=row.approved,
            rejected=row.rejected,
            last_minute=pace.minute,
            last_hour=pace.hour,
        )

    def _alike(self, comment: Comment, reading: Reading, policy: Policy) -> Alike:
        bones = skeleton(reading)
        if len(bones) < policy.repeat.shortest:
            return Alike()
        keys = band_keys(bones)
        seen: dict[UUID, str] = {}
        best = 0.0
        for twin in (twin for key in keys for twin in self.earlier.get(key, ())):
            if twin.comment_id in {comment.id, *seen} or twin.at > comment.submitted_at:
                continue
            near = likeness(bones, twin.bones, policy.repeat.alike)
            if near:
                seen[twin.comment_id] = twin.author_id
                best = max(best, near)
        self._remember(comment, keys, bones)
        by_author = sum(author == comment.author_id for author in seen.values())
        others = len(set(seen.values()) - {comment.author_id})
        return Alike(by_author, others, round(best, 4))

    def _remember(self, comment: Comment, keys: Sequence[int], bones: str) -> None:
        for band, key in enumerate(keys):
            here = Earlier(comment.id, comment.author_id, comment.submitted_at, bones)
            self.earlier.setdefault(key, []).append(here)
            self.fresh_prints.append(
                {
                    "comment_id": comment.id,
                    "band": band,
                    "key": key,
                    "author_id": comment.author_id,
                    "seen_at": comment.submitted_at,
                }
            )


async def paces_of(session: AsyncSession, batch: Sequence[Comment], policy: Policy) -> dict[UUID, comments.Pace]:
    """How fast each comment's author was writing, as far as the policy wants to know."""
    flood = policy.flood
    return await comments.paces(session, batch, max(flood.drowning_per_minute, flood.per_minute), flood.per_hour)


async def gather(
    session: AsyncSession, batch: Sequence[Comment], policy: Policy, now: datetime, paces: Mapping[UUID, comments.Pace]
) -> Knowledge:
    """Everything known about a batch. Locks the authors' rows in the order of their ids."""
    names = {comment.author_id: comment.author_name for comment in batch}
    authors = await people.authors(session, names, now)
    threads = await people.threads(session, list({comment.article_id for comment in batch}))
    calm = [comment for comment in batch if paces[comment.id].minute < policy.flood.drowning_per_minute]
    keys = {key for comment in calm for key in band_keys(skeleton(read(comment.text)))}
    earlier: dict[int, list[Earlier]] = defaultdict(list)
    if keys:
        since = min(comment.submitted_at for comment in calm) - timedelta(hours=policy.repeat.within_hours)
        until = max(comment.submitted_at for comment in calm)
        for twin in await comments.twins(session, sorted(keys), since, until):
            bones = skeleton(read(twin.text))
            earlier[twin.key].append(Earlier(twin.comment_id, twin.author_id, twin.submitted_at, bones))
    return Knowledge(threads, authors, paces, dict(earlier))
