"""One running stack with the demo, shared by the tests that only follow stories through it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ops.clusters import Cluster
from tests.e2e.stack import Stack, free_base, wait_for

HEADLINE = "The ferry that whispers: an electric boat for Con Se"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, as `make run` starts it in an empty home; with NEWSROOM_E2E_CLUSTER on a Redis Cluster of its own."""
    with ExitStack() as after:
        environment: dict[str, str] = {}
        if os.environ.get("NEWSROOM_E2E_CLUSTER"):
            cluster = Cluster(tmp_path_factory.mktemp("cluster"))
            after.callback(cluster.stop)
            environment = {"REDIS_URL": cluster.start().url, "NEWSROOM_STREAM_PARTITIONS": "6"}
        running = Stack(tmp_path_factory.mktemp("shared") / "home", free_base(), **environment)
        after.callback(running.stop)
        yield running.start()


@pytest.fixture(scope="session")
def story(stack: Stack) -> dict[str, Any]:
    """The publication of one story of the demo's feeds, from a source that is trusted."""
    return wait_for(lambda: stack.publication(headline=HEADLINE), 90, "the publication of the demo's story")
