"""`python -m services.enrichment evaluate KIND FILE… [--distractors FILE]`: measure the enricher on labelled files."""

import argparse
import json
import sys
from pathlib import Path

from services.enrichment.app import reading_steps
from services.enrichment.domain.draft import Pipeline
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.use_cases.evaluate import KINDS, evaluate
from services.enrichment.use_cases.evaluate.files import BadFile


def steps(lately: Lately) -> Pipeline:
    """The service's own, with an empty vocabulary and nothing learned."""
    return reading_steps(ChooseTags(Vocabulary.of([])), GuessSection(Learner()), lately)


def main(arguments: list[str] | None = None) -> int:
    """Measure files and print the figures as JSON. Answers 2 where a file cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m services.enrichment", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    measured = acts.add_parser("evaluate", help="measure the enricher on labelled files")
    measured.add_argument("kind", choices=KINDS)
    measured.add_argument("files", nargs="+", type=Path)
    measured.add_argument("--distractors", nargs="*", type=Path, default=[])
    given = parser.parse_args(arguments)
    try:
        sys.stdout.write(json.dumps(evaluate(given.kind, given.files, steps, given.distractors), indent=2) + "\n")
    except BadFile as error:
        sys.stderr.write(f"cannot evaluate: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
