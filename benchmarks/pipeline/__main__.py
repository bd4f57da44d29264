"""`python -m benchmarks.pipeline [runs] [names…]`: articles a second from push to publication, interleaved."""

import asyncio
import statistics
import sys
from dataclasses import replace
from typing import Any

from benchmarks.measure import Spread, keep, machine
from benchmarks.pipeline.ground import DATABASES, Contender, Ground

_SERVE = ("--host", "127.0.0.1", "--no-access-log", "--log-level", "warning", "--port")


def _ours(name: str, count: int, **settings: str) -> Contender:
    serve = ("uvicorn", "--factory", "--loop", "uvloop")
    commands = tuple(
        (*serve, f"benchmarks.pipeline.ours:build_{stage}", *_SERVE, f"{{{stage}}}") for stage in DATABASES
    )
    settings = {"LOG_LEVEL": "WARNING", **settings}
    quiet = {f"{stage.upper()}_{key}": value for stage in DATABASES for key, value in settings.items()}
    return Contender(name, count, commands, quiet, ports=DATABASES)


CONTENDERS = (
    _ours("newsroom", 4000),
    Contender(
        "by hand: redis-py + asyncpg, same batches",
        4000,
        tuple(("benchmarks.pipeline.limit", stage, "{redis}", "{socket}") for stage in DATABASES),
    ),
    _ours("newsroom, one message per transaction", 500, BATCH_SIZE="1"),
    Contender(
        "celery",
        400,
        (
            ("benchmarks.peers.feed", "celery"),
            *(
                (
                    "celery",
                    "-A",
                    "benchmarks.peers.celery_tasks",
                    "worker",
                    "-Q",
                    queue,
                    "-n",
                    queue,
                    "-c",
                    "1",
                    "-l",
                    "ERROR",
                )
                for queue in ("enrichment", "publishing")
            ),
        ),
        needs="celery",
    ),
    Contender(
        "taskiq (Redis streams)",
        800,
        (
            ("benchmarks.peers.feed", "taskiq"),
            *(
                ("taskiq", "worker", f"benchmarks.peers.taskiq_tasks:{queue}", "--workers", "1", "--log-level", "ERROR")
                for queue in ("enrichment", "publishing")
            ),
        ),
        needs="taskiq_redis",
    ),
    Contender(
        "dramatiq",
        600,
        (
            ("benchmarks.peers.feed", "dramatiq"),
            *(
                ("dramatiq", "benchmarks.peers.dramatiq_tasks", "-p", "1", "-t", "8", "-Q", queue, "--skip-logging")
                for queue in ("enrichment", "publishing")
            ),
        ),
        needs="dramatiq",
    ),
)

#: The same with the real enrichment, on articles of which no two are alike.
READING = replace(
    CONTENDERS[0],
    name="newsroom with the real enrichment",
    count=400,
    commands=tuple(
        tuple("services.enrichment.app:build" if word.endswith("build_enrichment") else word for word in command)
        for command in CONTENDERS[0].commands
    ),
    settings={**CONTENDERS[0].settings, "BENCH_TEXTS": "varied"},
    databases={"enrichment": "newsroom_reading"},
)


async def main(runs: int, wanted: list[str]) -> None:
    """Run every contender `runs` times, in turn, and print medians, spreads and ratios."""
    about = machine()
    ground = Ground()
    found: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}
    try:
        await ground.start()
        for number in range(runs):
            for contender in CONTENDERS:
                if wanted and not any(contender.name.startswith(name) for name in wanted):
                    continue
                if not contender.installed:
                    print(f"{contender.name}: not installed (make bench installs the extra `peers`)")
                    continue
                rate, cost = await ground.run(contender)
                found.setdefault(contender.name, []).append(rate)
                costs.setdefault(contender.name, []).append(cost)
                print(
                    f"run {number + 1}  {contender.name:<44}{rate:>10,.0f} articles/s{cost:>8.2f} ms each", flush=True
                )
    finally:
        await ground.stop()
    report({name: Spread.of(rates) for name, rates in found.items()}, costs, about)


def report(spreads: dict[str, Spread], costs: dict[str, list[float]], about: dict[str, Any]) -> None:
    """Print the table and keep it as JSON."""
    ours = spreads.get("newsroom")
    print(f"\n{'push to publication':<44}{'articles/s':>10}  (spread)   newsroom is   processor ms each")
    lines: dict[str, Any] = {}
    for name, spread in spreads.items():
        cost = statistics.median(costs[name])
        ratio = f"{ours.median / spread.median:8.2f} x" if ours else ""
        print(f"{name:<44}{spread}{ratio:>14}{cost:>12.2f}")
        lines[name] = {"articles_per_second": spread, "processor_ms_per_article": round(cost, 3)}
    print(f"kept in {keep('pipeline', lines, about)}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:]))
