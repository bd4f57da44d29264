"""What is known about comments before they are judged: one query per kind of knowledge, whatever the batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Alike, Author, AuthorStatus, Case, Reports, Score, Thread
from services.moderation.domain.fingerprints import band_keys, likeness, skeleton
from services.moderation.domain.language import detect
from services.moderation.domain.policy import Mode, Policy
from services.moderation.domain.text import Reading, read
from services.moderation.domain.trust import Standing
from services.moderation.storage import comments, people
from services.moderation.storage.tables import AuthorState, Comment, ThreadState
from services.moderation.use_cases.court import Sitting


@dataclass
class Knowledge:
    """What the database knows about a batch's comments; it grows as the batch is judged, comment by comment."""

    threads: dict[UUID, ThreadState]
    authors: dict[str, AuthorState]
    times: dict[str, list[datetime]]
    earlier: dict[int, list[tuple[UUID, str, str]]]
    fresh_prints: list[dict[str, Any]] = field(default_factory=list)

    def case_of(
        self, comment: Comment, sitting: Sitting, scores: tuple[Score, ...] = (), missing: tuple[str, ...] = ()
    ) -> Case:
        """The comment with everything known about it, the built-in learner's score first.

        What comes in a torrent is refused for that alone, and not read: reading it would make everybody else wait.
        """
        reading, author = read(comment.text), self._author(comment)
        language, sure, alike = comment.language, 0.0, Alike()
        if author.last_minute < sitting.policy.flood.drowning_per_minute:
            language, sure = detect(comment.text, comment.language)
            scores = (sitting.teacher.score(reading, language, sitting.policy.scores), *scores)
            alike = self._alike(comment, reading, sitting.policy)
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
            missing=missing,
        )

    def _author(self, comment: Comment) -> Author:
        row, now = self.authors[comment.author_id], comment.submitted_at
        standing = Standing(row.good, row.bad, row.as_of).at(comment.received_at)
        expired = row.status_until is not None and row.status_until <= comment.received_at
        times = self.times.get(comment.author_id, [])
        return Author(
            status=cast("AuthorStatus", "ok" if expired else row.status),
            trust=round(standing.trust, 4),
            approved=row.approved,
            rejected=row.rejected,
            last_minute=_in_last_minute(times, comment),
            last_hour=_between(times, now - timedelta(hours=1), now),
        )

    def _alike(self, comment: Comment, reading: Reading, policy: Policy) -> Alike:
        bones = skeleton(reading)
        if len(bones) < policy.repeat.shortest:
            return Alike()
        keys = band_keys(bones)
        seen: dict[UUID, str] = {}
        best = 0.0
        for other_id, author, text in (twin for key in keys for twin in self.earlier.get(key, ())):
            if other_id == comment.id or other_id in seen:
                continue
            near = likeness(bones, text, policy.repeat.alike)
            if near:
                seen[other_id] = author
                best = max(best, near)
        self._remember(comment, keys, bones)
        by_author = sum(author == comment.author_id for author in seen.values())
        others = len(set(seen.values()) - {comment.author_id})
        return Alike(by_author, others, round(best, 4))

    def _remember(self, comment: Comment, keys: Sequence[int], bones: str) -> None:
        for band, key in enumerate(keys):
            self.earlier.setdefault(key, []).append((comment.id, comment.author_id, bones))
            self.fresh_prints.append(
                {
                    "comment_id": comment.id,
                    "band": band,
                    "key": key,
                    "author_id": comment.author_id,
                    "seen_at": comment.submitted_at,
                }
            )


def _in_last_minute(times: Iterable[datetime], comment: Comment) -> int:
    return _between(times, comment.submitted_at - timedelta(minutes=1), comment.submitted_at)


def _between(times: Iterable[datetime], since: datetime, until: datetime) -> int:
    """How many of an author's comments came in the window before this one (which is itself among them)."""
    return max(0, sum(since < at <= until for at in times) - 1)


async def gather(session: AsyncSession, batch: Sequence[Comment], policy: Policy, now: datetime) -> Knowledge:
    """Everything known about a batch. Locks the authors' rows in the order of their ids."""
    names = {comment.author_id: comment.author_name for comment in batch}
    authors = await people.authors(session, names, now)
    threads = await people.threads(session, list({comment.article_id for comment in batch}))
    times = await comments.recent_times(session, sorted(names))
    most = policy.flood.drowning_per_minute
    calm = [comment for comment in batch if _in_last_minute(times.get(comment.author_id, []), comment) < most]
    keys = {key for comment in calm for key in band_keys(skeleton(read(comment.text)))}
    since = min(comment.submitted_at for comment in batch) - timedelta(hours=policy.repeat.within_hours)
    earlier: dict[int, list[tuple[UUID, str, str]]] = defaultdict(list)
    for twin in await comments.twins(session, sorted(keys), since):
        earlier[twin.key].append((twin.comment_id, twin.author_id, skeleton(read(twin.text))))
    return Knowledge(threads, authors, times, dict(earlier))
