"""One call for every kind of measurement."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from services.enrichment.domain.rarity import Lately
from services.enrichment.use_cases.evaluate.corpus import Corpus, Steps
from services.enrichment.use_cases.evaluate.duplicates import measure_duplicates
from services.enrichment.use_cases.evaluate.entities import measure_entities
from services.enrichment.use_cases.evaluate.files import BadFile, Labelled, apart_from, labelled_lines, labelled_rows
from services.enrichment.use_cases.evaluate.related import measure_related
from services.enrichment.use_cases.evaluate.sections import measure_sections
from services.enrichment.use_cases.evaluate.stories import measure_stories
from services.enrichment.use_cases.evaluate.tags import measure_tags

Kind = Literal["related", "stories", "tags", "sections", "duplicates", "entities"]
KINDS: tuple[str, ...] = get_args(Kind)


def evaluate(
    kind: Kind, files: Sequence[Path], steps: Steps, distractors: Sequence[Path] = ()
) -> dict[str, dict[str, float]]:
    """Figures by file. `steps` makes the pipeline. Raises BadFile naming the file, the line and what is wanted."""
    missing = [str(p) for p in (*files, *distractors) if not p.is_file()]
    if missing:
        raise BadFile(f"no such file: {', '.join(missing)}")
    among = [a for p in distractors for a in labelled_lines(p)]
    names = Counter(path.name for path in files)
    return {path.name if names[path.name] == 1 else str(path): _one(kind, path, steps, among) for path in files}


def _one(kind: Kind, path: Path, steps: Steps, among: Sequence[Labelled]) -> dict[str, float]:
    if kind == "tags":
        return measure_tags(path, steps(Lately()))
    if kind == "entities":
        return measure_entities(path, steps(Lately()))
    if kind == "sections":
        rows = list(labelled_rows(path))
        if not rows:
            raise BadFile(f"{path}: no articles found")
        return measure_sections(rows, steps(Lately()))
    own = list(labelled_lines(path))
    articles = [*own, *apart_from(own, among)]
    if kind == "duplicates":
        try:
            return measure_duplicates(articles, steps)
        except BadFile as error:
            raise BadFile(f"{path}: {error}") from error
    sizes = Counter(a.label for a in own if a.label)
    if not sizes:
        raise BadFile(f"{path}: no line has a `story`, so there is nothing to compare with")
    if kind == "related" and max(sizes.values()) < 2:
        raise BadFile(f"{path}: no `story` stands on two lines, so nothing is related to anything")
    corpus = Corpus(articles, steps)
    return measure_related(corpus) if kind == "related" else measure_stories(corpus)
