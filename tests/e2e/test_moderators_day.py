"""The README's day of a moderator can be pasted line by line: every answer is the one its comment promises."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
README = Path(__file__).parents[2] / "README.md"

#: What the answers say, in their order.
PROMISED = (
    '"fine":false',
    "Some words offend.",
    '"code":"words.insult"',
    '"lease_by":',
    '"code":"person.abuse"',
    '"en":"It insults people."',
    '"may_appeal":true',
    "/problems/own-decision",
    '"outcome":"overturned"',
    '"verdicts":{"approve → hold":1}',
    "brumal bridge",
    '"status":"live"',
    '"machine_overturned":',
    '"whole":true',
)


def test_a_moderators_day_goes_as_the_readme_says(stack: Stack, story: dict[str, Any]) -> None:
    assert story
    section = README.read_text().split("## A moderator's day", 1)[1]
    script = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert script
    where = {
        "SITE": stack.home.url("publishing"),
        "MOD": stack.home.url("moderation"),
        "TOKEN": stack.home.secret("token"),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script[1]],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    at = 0
    for words in PROMISED:
        assert words in done.stdout[at:], (
            f"{words} is missing after:\n{done.stdout[:at][-500:]}\nin\n{done.stdout[at:]}"
        )
        at += done.stdout[at:].index(words)
