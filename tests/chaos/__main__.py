"""`python -m tests.chaos --minutes 10 --seed 1`: chaos on real processes; prints the reckoning."""

import argparse
import asyncio
import sys

from tests.chaos.plan import parade
from tests.chaos.plots import CLAIM_AFTER, LAB, REAL
from tests.chaos.run import run


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _more(name: str, replicas: int) -> list[str]:
    return [f"{name}-{number}" for number in range(2, replicas + 1)]


def main() -> int:
    """Run what the command line asks for; exit 0 when nothing was lost, doubled or out of order."""
    words = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    words.add_argument("--minutes", type=float, default=10.0)
    words.add_argument("--seed", type=int, default=1, help="the same seed makes the same schedule")
    words.add_argument("--rate", type=float, default=50.0, help="articles pushed a second")
    words.add_argument(
        "--house", choices=["lab", "real"], default="lab", help="lab: effects add up; real: our services"
    )
    words.add_argument("--drain", type=float, default=120.0, help="seconds within which all must be done after healing")
    words.add_argument("--only", default="", help="only these kinds of faults, in turn, by comma")
    asked = words.parse_args()
    plot = LAB if asked.house == "lab" else REAL
    names = [name for name in plot.factories for name in [name, *_more(name, plot.replicas.get(name, 1))]]
    faults = parade(asked.only.split(","), asked.minutes * 60, names, CLAIM_AFTER) if asked.only else None
    report = asyncio.run(
        run(
            plot,
            seconds=asked.minutes * 60,
            seed=asked.seed,
            rate=asked.rate,
            say=say,
            lab=asked.house == "lab",
            faults=faults,
            drain_within=asked.drain,
        )
    )
    say(f"\nchaos: house {asked.house}, {asked.minutes:g} minutes, seed {asked.seed}")
    for line in report.lines():
        say(line)
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
