"""How surely a story is known again: labelled pairs over forty seeds, beside what names alone (guid, address) tell."""

from services.ingest.domain.identity import keys_of
from tests.ingest.pairs import Pair, pairs
from tests.ingest.test_identity import judged_same

_SEEDS = (*range(20), *range(100, 120))


def _by_names(pair: Pair) -> bool:
    return bool(set(keys_of(pair.one)) & set(keys_of(pair.other)))


def main() -> None:
    """Print precision and recall: the lowest over the seeds, and over all pairs."""
    for name, judge in (("ours", judged_same), ("baseline, guid and address alone", _by_names)):
        precisions, recalls, number = [], [], 0
        for seed in _SEEDS:
            judged = [(pair, judge(pair)) for pair in pairs(seed)]
            right = sum(pair.same and said for pair, said in judged)
            precisions.append(right / sum(said for _, said in judged))
            recalls.append(right / sum(pair.same for pair, _ in judged))
            number += len(judged)
        bar = "  [bars .99, .95]" if name == "ours" else ""
        print(
            f"identity, {name}: {number} pairs over {len(_SEEDS)} seeds, precision {min(precisions):.3f} to"
            f" {max(precisions):.3f}, recall {min(recalls):.3f} to {max(recalls):.3f}{bar}"
        )


if __name__ == "__main__":
    main()
