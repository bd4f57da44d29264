"""How good the answers are: each bar on the evaluation data, beside its baselines in the same run."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.enrichment import peers
from services.enrichment.app import reading_steps
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.use_cases.evaluate import evaluate
from services.enrichment.use_cases.evaluate.corpus import labelled_lines

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("NEWSROOM_DATA", ROOT.parent / "shared" / "data"))
EN, VI = DATA / "stories" / "en.jsonl", DATA / "stories" / "vi.jsonl"
AMONG = [DATA / "stories" / "distractors-en.jsonl"]
PHRASES = DATA / "keyphrases" / "500N-KPCrowd-v1.1.zip"
NEWS = DATA / "sections" / "ag-news-test.csv"
SENTENCES = ROOT / "tests" / "enrichment" / "sentences"
READ = reading_steps(ChooseTags(Vocabulary.of([])), GuessSection(Learner()))
Line = tuple[str, float, float | None]
"""What was measured, the figure, and its bar (None: a baseline or for information)."""


def main(wanted: Sequence[str]) -> None:
    """Print the lines of each kind asked for (all by default)."""
    for kind, measure in KINDS.items():
        if wanted and kind not in wanted:
            continue
        began = time.process_time()
        try:
            lines = list(measure())
        except FileNotFoundError as error:
            print(f"{kind}: skipped, no data: {error.filename}")
            continue
        print(f"{kind} ({time.process_time() - began:.0f} s of CPU)")
        for name, figure, bar in lines:
            said = (
                "" if bar is None else f"   bar {bar:g}: {'met' if figure >= bar else f'missed by {bar - figure:.4f}'}"
            )
            print(f"  {name:<58}{figure:>9.4f}{said}", flush=True)


def _measured(kind: str, path: Path, among: Sequence[Path] = ()) -> dict[str, float]:
    if not path.exists():
        raise FileNotFoundError(2, "no such file", str(path))
    return evaluate(kind, [path], READ, among)[path.name]  # type: ignore[arg-type]  # one of its kinds


def related() -> Iterator[Line]:
    """Related stories, the story as truth."""
    for name, path, among, ndcg, recall in (("en", EN, AMONG, 0.96, 0.95), ("vi", VI, [], 0.968, 0.996)):
        got = _measured("related", path, among)
        yield f"{name} nDCG@10", got["ndcg_at_10"], ndcg
        yield f"{name} R@10", got["recall_at_10"], recall
        yield f"{name} nDCG@10, full tf-idf cosine", got["tf_idf_cosine_ndcg_at_10"], None
        yield f"{name} R@10, full tf-idf cosine", got["tf_idf_cosine_recall_at_10"], None
        articles = [a for p in (path, *among) for a in labelled_lines(p)]
        if (other := peers.tantivy_more_like_this(articles)) is not None:
            yield f"{name} nDCG@10, tantivy more-like-this", other[0], None
            yield f"{name} R@10, tantivy more-like-this", other[1], None


def stories() -> Iterator[Line]:
    """Stories in the order of arrival: all together, and two folds by topic each for itself."""
    for name, path, among, bar in (("en", EN, AMONG, 0.91), ("vi", VI, [], 0.975)):
        got = _measured("stories", path, among)
        yield f"{name} BCubed F1, all", got["f1"], None
        yield f"{name} BCubed F1, mean of two folds", (got["f1_fold_1"] + got["f1_fold_2"]) / 2, bar
        yield f"{name} BCubed F1, fold 1", got["f1_fold_1"], None
        yield f"{name} BCubed F1, fold 2", got["f1_fold_2"], None


def duplicates() -> Iterator[Line]:
    """Copies of seven kinds."""
    for name, path, among in (("en", EN, AMONG), ("vi", VI, [])):
        got = _measured("duplicates", path, among)
        yield f"{name} precision", got["precision"], 0.99
        yield f"{name} recall", got["recall"], 0.995
        yield f"{name} recall of copies cut to 30 %", got["recall_cut_to_30_percent"], 0.98
        yield f"{name} ms a look-up (bar: at most 1)", got["ms_per_look_up"], None
        bodies = [a.text for p in (path, *among) for a in labelled_lines(p)]
        if (other := peers.minhash_recall(bodies)) is not None:
            yield f"{name} MinHash LSH, recall of copies cut to 30 %", other, None


def tags() -> Iterator[Line]:
    """Key phrases that readers marked."""
    got = _measured("tags", PHRASES)
    yield "F1@10", got["f1_at_10"], 0.175
    yield "F1@10, tf × background weight", got["tf_weight_f1_at_10"], None
    for longest in (1, 3):
        if (other := peers.yake_f1(PHRASES, longest)) is not None:
            yield f"F1@10, YAKE (n={longest})", other, None


def entities() -> Iterator[Line]:
    """Names in our own sentences; the even lines were kept apart."""
    for name, bar in (("en", 0.88), ("vi", 0.85)):
        got = _measured("entities", SENTENCES / f"{name}.txt")
        yield f"{name} untyped F1, kept apart", got["untyped_f1_even"], bar
        yield f"{name} untyped F1, all", got["untyped_f1_all"], None
        yield f"{name} typed F1, kept apart", got["typed_f1_even"], None
        yield f"{name} untyped F1, capitalised runs, kept apart", got["capitals_f1_even"], None


def sections() -> Iterator[Line]:
    """Sections with nothing learned, and learned online."""
    got = _measured("sections", NEWS)
    yield "cold start", got["cold_start"], 0.60
    yield "online, choices 1,000-2,000", got["online_1000_2000"], 0.87
    yield "online, choices 4,000-7,600", got["online_4000_7600"], 0.89
    yield "online, a tenth of the choices wrong", got["online_4000_7600_10_percent_wrong"], 0.81


KINDS: dict[str, Callable[[], Iterator[Line]]] = {
    "related": related, "stories": stories, "duplicates": duplicates, "tags": tags, "entities": entities,
    "sections": sections,
}  # fmt: skip
