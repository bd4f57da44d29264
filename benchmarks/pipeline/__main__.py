"""`python -m benchmarks.pipeline [runs] [names…]`: articles a second from push to publication, interleaved."""

import asyncio
import sys

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


async def main(runs: int, wanted: list[str]) -> None:
    """Run every contender `runs` times, in turn, and print medians, spreads and ratios."""
    about = machine()
    ground = Ground()
    found: dict[str, list[float]] = {}
    try:
        await ground.start()
        for number in range(runs):
            for contender in CONTENDERS:
                if wanted and not any(contender.name.startswith(name) for name in wanted):
                    continue
                if not contender.installed:
                    print(f"{contender.name}: not installed (make bench installs the extra `peers`)")
                    continue
                rate = await ground.articles_per_second(contender)
                found.setdefault(contender.name, []).append(rate)
                print(f"run {number + 1}  {contender.name:<44}{rate:>10,.0f} articles/s", flush=True)
    finally:
        await ground.stop()
    spreads = {name: Spread.of(rates) for name, rates in found.items()}
    ours = spreads.get("newsroom")
    print(f"\n{'articles/s, push to publication':<44}{'median':>10}  (spread)   newsroom is")
    for name, spread in spreads.items():
        ratio = f"{ours.median / spread.median:8.2f} x" if ours else ""
        print(f"{name:<44}{spread}{ratio:>14}")
    print(f"kept in {keep('pipeline', dict(spreads), about)}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:]))
