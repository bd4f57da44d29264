"""How good the answers are: each bar on the evaluation data, beside its baselines in the same run."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.enrichment import peers
from benchmarks.enrichment.bars import Line
from services.enrichment.__main__ import steps
from services.enrichment.domain.rarity import Lately
from services.enrichment.steps.dense import DenseStart
from services.enrichment.steps.section import cold_start
from services.enrichment.use_cases.evaluate import evaluate
from services.enrichment.use_cases.evaluate.corpus import Corpus
from services.enrichment.use_cases.evaluate.duplicates import Originals, measure_duplicates
from services.enrichment.use_cases.evaluate.files import Labelled, apart_from, labelled_lines, labelled_rows
from services.enrichment.use_cases.evaluate.related import measure_related
from services.enrichment.use_cases.evaluate.sections import cold_accuracy
from services.enrichment.use_cases.evaluate.stories import measure_stories
from shared.runtime.garbage import collect_less

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("NEWSROOM_DATA", ROOT.parent / "shared" / "data"))
EN, VI = DATA / "stories" / "en.jsonl", DATA / "stories" / "vi.jsonl"
AMONG = [DATA / "stories" / "distractors-en.jsonl"]
PHRASES = DATA / "keyphrases" / "500N-KPCrowd-v1.1.zip"
NEWS = DATA / "sections" / "ag-news-test.csv"
TOPICS = DATA / "iptc" / "cptall-x-all.json"
SENTENCES = ROOT / "tests" / "enrichment" / "sentences"
#: Classes of AG News under the topics at the top of IPTC's tree; all others are World.
TOPS = {
    "sport": "2", "economy, business and finance": "3", "science and technology": "4", "health": "4",
    "environment": "4", "weather": "4",
}  # fmt: skip


def main(wanted: Sequence[str]) -> list[Line]:
    """Print a table of each kind asked for (all by default): ours and the baselines, the bar and whether it is met."""
    collect_less()  # as the service does
    told: list[Line] = []
    for kind, measure in KINDS.items():
        if wanted and kind not in wanted:
            continue
        began = time.process_time()
        try:
            lines = list(measure())
        except FileNotFoundError as error:
            print(f"{kind}: skipped, no data: {error.filename}")
            continue
        print(f"\n{kind} ({time.process_time() - began:.0f} s of CPU)\n| what | measured | bar |\n|---|---|---|")
        for line in lines:
            print(line, flush=True)
        told += lines
    return told


def _articles(path: Path, among: Sequence[Path] = ()) -> list[Labelled]:
    for needed in (path, *among):
        if not needed.exists():
            raise FileNotFoundError(2, "no such file", str(needed))
    return [
        *labelled_lines(path),
        *apart_from(list(labelled_lines(path)), [a for p in among for a in labelled_lines(p)]),
    ]


def _measured(kind: str, path: Path) -> dict[str, float]:
    if not path.exists():
        raise FileNotFoundError(2, "no such file", str(path))
    return evaluate(kind, [path], steps)[path.name]  # type: ignore[arg-type]  # one of its kinds


def related() -> Iterator[Line]:
    """Related stories, the story as truth."""
    for name, path, among, ndcg, recall in (("en", EN, AMONG, 0.96, 0.95), ("vi", VI, [], 0.968, 0.996)):
        articles = _articles(path, among)
        got = measure_related(Corpus(articles, steps))
        yield Line(f"{name} nDCG@10", got["ndcg_at_10"], ndcg)
        yield Line(f"{name} R@10", got["recall_at_10"], recall)
        yield Line(f"{name} nDCG@10, full tf-idf cosine", got["tf_idf_cosine_ndcg_at_10"])
        yield Line(f"{name} R@10, full tf-idf cosine", got["tf_idf_cosine_recall_at_10"])
        if (other := peers.tantivy_more_like_this(articles)) is not None:
            yield Line(f"{name} nDCG@10, tantivy more-like-this as it comes", other[0])
            yield Line(f"{name} R@10, tantivy more-like-this as it comes", other[1])
            yield Line(f"{name} nDCG@10 above tantivy", got["ndcg_at_10"] - other[0], 0.04 if name == "en" else None)
        tuned = {"min_doc_frequency": 2, "min_term_frequency": 1, "max_query_terms": 64}
        if (other := peers.tantivy_more_like_this(articles, **tuned)) is not None:
            yield Line(f"{name} nDCG@10, tantivy with 64 terms, also such as stand there once", other[0])


def stories() -> Iterator[Line]:
    """Stories in the order of arrival: all together, and two folds by topic each for itself."""
    for name, path, among, bar in (("en", EN, AMONG, 0.91), ("vi", VI, [], 0.975)):
        corpus = Corpus(_articles(path, among), steps)
        got = measure_stories(corpus)
        yield Line(f"{name} BCubed F1, mean of two folds", (got["f1_fold_1"] + got["f1_fold_2"]) / 2, bar)
        yield Line(f"{name} BCubed F1, fold 1", got["f1_fold_1"])
        yield Line(f"{name} BCubed F1, fold 2", got["f1_fold_2"])
        yield Line(f"{name} BCubed F1, all together", got["f1"])
        again = (got["f1_fold_1_read_again"] + got["f1_fold_2_read_again"]) / 2
        yield Line(f"{name} BCubed F1, mean of two folds, once all are read again", again, bar)
        best, which = peers.single_cosine_stories(corpus)
        yield Line(f"{name} BCubed F1, mean of two folds, best single cosine ({which})", best)


def duplicates() -> Iterator[Line]:
    """Copies of seven kinds."""
    for name, path, among in (("en", EN, AMONG), ("vi", VI, [])):
        articles = _articles(path, among)
        got = measure_duplicates(articles, steps)
        yield Line(f"{name} precision", got["precision"], 0.99)
        yield Line(f"{name} recall", got["recall"], 0.995)
        yield Line(f"{name} recall of copies cut to 30 %", got["recall_cut_to_30_percent"], 0.98)
        yield Line(f"{name} ms of CPU a look-up", got["ms_per_look_up"], 1.0, most=True)
        yield Line(f"{name} F1", got["f1"])
        if (other := peers.minhash(Originals(articles, steps))) is not None:
            yield Line(f"{name} F1, MinHash LSH at its best threshold ({other['threshold']:g})", other["f1"])
            yield Line(f"{name} recall of copies cut to 30 %, MinHash LSH", other["recall_cut_to_30_percent"])


def tags() -> Iterator[Line]:
    """Key phrases that readers marked."""
    got = _measured("tags", PHRASES)
    yield Line("F1@10", got["f1_at_10"], 0.175)
    yield Line("F1@10, tf × background weight", got["tf_weight_f1_at_10"])
    yield Line("F1@10, TextRank, words", peers.text_rank_f1(PHRASES, whole=False))
    yield Line("F1@10, TextRank, phrases", peers.text_rank_f1(PHRASES, whole=True))
    for longest in (1, 3):
        if (other := peers.yake_f1(PHRASES, longest)) is not None:
            yield Line(f"F1@10, YAKE (n={longest})", other)


def entities() -> Iterator[Line]:
    """Names in our own sentences; the even lines were kept apart."""
    for name, bar in (("en", 0.88), ("vi", 0.85)):
        got = _measured("entities", SENTENCES / f"{name}.txt")
        yield Line(f"{name} untyped F1, kept apart", got["untyped_f1_even"], bar)
        yield Line(f"{name} untyped F1, all", got["untyped_f1_all"])
        yield Line(f"{name} typed F1, kept apart", got["typed_f1_even"])
        yield Line(f"{name} untyped F1, capitalised runs, kept apart", got["capitals_f1_even"])


def sections() -> Iterator[Line]:
    """Sections with nothing learned, and learned online."""
    got = _measured("sections", NEWS)
    yield Line("cold start", got["cold_start"], 0.60)
    yield Line("online, choices 1,000-2,000", got["online_1000_2000"], 0.87)
    yield Line("online, choices 4,000-7,600", got["online_4000_7600"], 0.89)
    yield Line("online, a tenth of the choices wrong, at the end", got["online_4000_7600_10_percent_wrong"], 0.81)
    rows = list(labelled_rows(NEWS))
    try:
        yield Line("cold start with wordllama", cold_accuracy(rows, steps(Lately()), DenseStart(cold_start)), 0.65)
    except ValueError as error:
        print(f"  {error}")
    if TOPICS.exists():
        yield Line("cold start, lexical roll-up over IPTC names", peers.lexical_roll_up(rows, TOPICS, TOPS))
    right = peers.naive_bayes(rows)
    for start, end in ((1_000, 2_000), (4_000, 7_600)):
        yield Line(f"online, choices {start:,}-{end:,}, multinomial NB", sum(right[start:end]) / len(right[start:end]))


KINDS: dict[str, Callable[[], Iterator[Line]]] = {
    "related": related, "stories": stories, "duplicates": duplicates, "tags": tags, "entities": entities,
    "sections": sections,
}  # fmt: skip
