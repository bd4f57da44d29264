"""A file of articles, read and indexed in memory by the same functions that read and index rows."""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.relate import Asking, Likeness, likenesses
from services.enrichment.settings import Settings
from services.enrichment.use_cases.candidates import best_candidates

Reader = Callable[[Draft], Draft]
TERMS_ASKED: int = Settings.model_fields["terms_asked"].default
CAP: int = Settings.model_fields["cap"].default
CANDIDATES: int = Settings.model_fields["candidates"].default


class BadFile(ValueError):
    """A file that cannot be measured; the message names the file, the line and what is wanted."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One article of a file with its label (story, class, …); distractors have none."""

    id: str
    title: str
    text: str
    language: str
    label: str | None


def labelled_lines(path: Path, label: str = "story") -> Iterator[Labelled]:
    """Articles of a JSON-lines file with `id`, `title`, `text` and, where labelled, `story` and `lang`."""
    with path.open(encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield Labelled(
                    str(row["id"]), row["title"], row["text"], row.get("lang") or row.get("language") or "und",
                    row.get(label),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError) as error:
                raise BadFile(
                    f"{path}, line {at}: each line must be a JSON object with id, title and text ({error!r})"
                ) from error


def labelled_rows(path: Path) -> Iterator[Labelled]:
    """Articles of a CSV file of class, title, text (as AG News has it), or of JSON lines with `section`."""
    if path.suffix != ".csv":
        yield from labelled_lines(path, "section")
        return
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8", newline="") as lines:
        for at, row in enumerate(csv.reader(lines), 1):
            if len(row) < 3:
                raise BadFile(f"{path}, line {at}: three columns are wanted (class, title, text), found {len(row)}")
            yield Labelled(str(at), row[1], row[2].replace("\\", " "), "en", row[0])


class Corpus:
    """Articles read once; number = place in the file + 1."""

    def __init__(self, articles: Sequence[Labelled], read: Reader) -> None:
        self.articles = articles
        self.drafts = [read(Draft(UUID(int=at), a.title, a.text, a.language)) for at, a in enumerate(articles, 1)]
        self.known = [
            KnownArticle(at, d.article_id, language=d.language, features=d.features)
            for at, d in enumerate(self.drafts, 1)
        ]

    @cached_property
    def lists(self) -> dict[int, npt.NDArray[np.int32]]:
        """The newest numbers under each term, as the database keeps them."""
        held: dict[int, list[int]] = defaultdict(list)
        for known, draft in zip(self.known, self.drafts, strict=True):
            for term in draft.features.rarest(TERMS_ASKED):
                held[term].append(known.number)
        return {term: np.array(numbers[-CAP:], dtype=np.int32) for term, numbers in held.items()}

    def asking(self, number: int) -> Asking:
        """The question for the related articles of one."""
        draft = self.drafts[number - 1]
        return Asking(draft.features, draft.readable, number, draft.language)

    @cache  # noqa: B019  # a corpus lives as long as its measurement
    def related(self, number: int) -> list[Likeness]:
        """The related articles of one as the service finds them: candidates by rare terms, then compared in full."""
        terms = self.drafts[number - 1].features.rarest(TERMS_ASKED)
        chosen = best_candidates(number, terms, [], self.lists, CANDIDATES)
        return likenesses(self.asking(number), [self.known[n - 1] for n in chosen])
