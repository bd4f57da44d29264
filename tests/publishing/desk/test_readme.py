"""The README's day at the desk can be pasted line by line: every answer is the one its comment promises."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.publishing.desk.replicas import TOKEN, Replica

README = Path(__file__).parents[3] / "README.md"


def _script() -> str:
    section = README.read_text().split("## A day at the desk", 1)[1]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.chaos
async def test_a_day_at_the_desk_goes_as_the_readme_says(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    desk = Replica(await new_database("publishing"), redis_url)
    wire = Replica(await new_database("ingest"), redis_url, service="ingest")
    try:
        await asyncio.gather(desk.start(), wire.start())
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euc", _script()),
            env={**os.environ, "SITE": desk.url, "WIRE": wire.url, "TOKEN": TOKEN},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await shell.communicate()
    finally:
        await desk.kill()
        await wire.kill()
    said = out.decode()
    assert shell.returncode == 0, said
    promised = [
        '"headline":"Bridge opens"',
        '"type":"/problems/not-possible-now"',
        "lacks outlet and credit",
        '"verb":"publish","allowed":false',
        '"type":"/problems/changed-meanwhile"',
        '"mergeable":true',
        "Thousands came to see it.",
        '"kind":"in"',
        '"state":"scheduled"',
        '"verb":"unschedule"',
        '"state":"published"',
        '"state":"corrected"',
        '"state":"killed"',
        '"type":"/problems/gone"',
        '"newest_position"',
        '"act":"kill"',
    ]
    at = 0
    for words in promised:
        assert words in said[at:], f"{words} is missing after:\n{said[:at][-500:]}\nin\n{said[at:]}"
        at += said[at:].index(words)
