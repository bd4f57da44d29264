"""Thousands of made-up days at the desk, in a house of their own: the long form of `test_state_machine`.

    python -m tests.publishing.desk.days [--runs 5000] [--seed 1] [--minutes 14]

Each day is up to a hundred steps of three editors on three articles, those of a group at the same time. Prints how many
days, steps, answers and words there were; stops with the smallest day that breaks a promise. A run may be cut into
parts: other seeds live other days.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import uvloop
from hypothesis import HealthCheck, Phase, given, seed, settings
from pydantic import SecretStr

from ops import servers
from services.publishing.app import build
from services.publishing.settings import Settings
from shared.runtime.migrate import upgrade
from tests.builders import serving
from tests.publishing.desk.day import Day, Step, long_days


@dataclass
class Tally:
    """What was lived so far."""

    days: int = 0
    steps: int = 0
    longest: int = 0
    answers: int = 0
    words: int = 0

    def add(self, day: Day, steps: int) -> None:
        """One more day."""
        self.days, self.steps, self.longest = self.days + 1, self.steps + steps, max(self.longest, steps)
        self.answers, self.words = self.answers + day.answers, self.words + day.words

    def __str__(self) -> str:
        return (
            f"{self.days:,} days, {self.steps:,} steps (longest day {self.longest}), {self.answers:,} answers, "
            f"{self.words:,} words written: 0 lost, 0 illegal states, 0 faults"
        )


async def live(runs: int, number: int, minutes: float) -> Tally:
    """Live the days. Raises AssertionError with the day that broke a promise."""
    home = Path(tempfile.mkdtemp(prefix="newsroom-days-"))
    url, redis_url = servers.start_postgres(home / "pg", durable=False), servers.start_valkey(home / "valkey")
    try:
        link = await asyncpg.connect(user="postgres", database="postgres", host=url.partition("host=")[2])
        await link.execute("CREATE DATABASE days")
        await link.close()
        own = url.replace("/postgres?", "/days?")
        await asyncio.to_thread(upgrade, "publishing", own)
        house = Settings(
            database_url=own,
            redis_url=redis_url,
            token=SecretStr("nwr_test"),
            command_timeout=3600,  # a machine that sleeps for a minute is not what is tested here
            claim_after=3600,
            requests_per_minute=0,
        )
        return await _live(house, runs, number, minutes)
    finally:
        servers.stop_postgres(home / "pg")
        servers.stop_valkey(home / "valkey")


async def _live(house: Settings, runs: int, number: int, minutes: float) -> Tally:
    tally, loop, until = Tally(), asyncio.get_running_loop(), time.monotonic() + minutes * 60
    async with serving(build(house)) as client:
        client.headers["authorization"] = "Bearer nwr_test"

        async def one(groups: list[list[Step]]) -> None:
            day = Day(client)
            await day.run(groups)
            tally.add(day, sum(map(len, groups)))
            if tally.days % 250 == 0:
                print(tally, flush=True)

        @seed(number)
        @settings(
            max_examples=runs,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(long_days)
        def days(groups: list[list[Step]]) -> None:
            if time.monotonic() < until:
                asyncio.run_coroutine_threadsafe(one(groups), loop).result()

        await asyncio.to_thread(days)
    return tally


def main() -> int:
    """0 where every promise held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60, help="no new day begins after this")
    asked = parser.parse_args()
    began = time.monotonic()
    tally = uvloop.run(live(asked.runs, asked.seed, asked.minutes))
    print(f"seed {asked.seed}: {tally} in {time.monotonic() - began:.0f} s")
    return 0 if tally.days >= asked.runs else 3


if __name__ == "__main__":
    sys.exit(main())
