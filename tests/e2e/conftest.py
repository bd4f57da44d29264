"""One running stack with the demo, shared by the tests that only follow stories through it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.stack import Stack, free_base, wait_for

HEADLINE = "The ferry that whispers: an electric boat for Con Se"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, as `make run` starts it in an empty home."""
    running = Stack(tmp_path_factory.mktemp("shared") / "home", free_base())
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def story(stack: Stack) -> dict[str, Any]:
    """The publication of one story of the demo's feeds, from a source that is trusted."""
    return wait_for(lambda: stack.publication(headline=HEADLINE), 90, "the publication of the demo's story")
