"""One call for every kind of measurement."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from services.enrichment.use_cases.evaluate.corpus import (
    BadFile,
    Corpus,
    Labelled,
    Reader,
    labelled_lines,
    labelled_rows,
)
from services.enrichment.use_cases.evaluate.duplicates import measure_duplicates
from services.enrichment.use_cases.evaluate.entities import measure_entities
from services.enrichment.use_cases.evaluate.related import measure_related
from services.enrichment.use_cases.evaluate.sections import measure_sections
from services.enrichment.use_cases.evaluate.stories import measure_stories
from services.enrichment.use_cases.evaluate.tags import measure_tags

Kind = Literal["related", "stories", "tags", "sections", "duplicates", "entities"]
KINDS: tuple[str, ...] = get_args(Kind)


def evaluate(
    kind: Kind, files: Sequence[Path], read: Reader, distractors: Sequence[Path] = ()
) -> dict[str, dict[str, float]]:
    """Figures by file. `read` is the pipeline of steps. Raises BadFile naming the file, the line and what is wanted."""
    missing = [str(p) for p in (*files, *distractors) if not p.is_file()]
    if missing:
        raise BadFile(f"no such file: {', '.join(missing)}")
    among = [Labelled(a.id, a.title, a.text, a.language, None) for p in distractors for a in labelled_lines(p)]
    return {path.name: _one(kind, path, read, among) for path in files}


def _one(kind: Kind, path: Path, read: Reader, among: Sequence[Labelled]) -> dict[str, float]:
    if kind == "tags":
        return measure_tags(path, read)
    if kind == "entities":
        return measure_entities(path, read)
    if kind == "sections":
        return measure_sections(list(labelled_rows(path)), read)
    articles = [*labelled_lines(path), *among]
    if kind in {"related", "stories"} and not any(a.label for a in articles):
        raise BadFile(f"{path}: no line has a `story`, so there is nothing to compare with")
    corpus = Corpus(articles, read)
    if kind == "related":
        return measure_related(corpus)
    return measure_stories(corpus) if kind == "stories" else measure_duplicates(corpus, read)
