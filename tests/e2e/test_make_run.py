"""Starting, stopping and what may be in the way, with all processes as `make run` starts them."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.stack import Stack, free_base, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def refused(stack: Stack) -> str:
    """What a run that may not start says."""
    ended = subprocess.run(
        [sys.executable, "-m", "ops.run"],
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_ctrl_c_leaves_no_orphan_and_a_second_run_finds_its_data(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home", free_base()).start()
    wait_for(lambda: len(stack.publications()) >= 20, what="the demo's publication")
    before = stack.publications()
    assert stack.stop() < 20
    assert stack.process is not None
    assert stack.process.returncode == 0, stack.said.read_text()
    assert stack.processes() == set()
    try:
        stack.start()
        assert [event["id"] for event in stack.publications()][: len(before)] == [event["id"] for event in before]
        assert [identity for identity, _ in stack.stream()][:1] == ["1-0"]
    finally:
        stack.stop()
    assert stack.processes() == set()


def test_even_a_killed_supervisor_leaves_no_orphan_and_no_stale_lock(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home", free_base(), NEWSROOM_DEMO="0").start()
    stack.stop(signal.SIGKILL)
    wait_for(lambda: not stack.processes(), 30, "the end of every process")
    try:
        stack.start()
        assert wait_for(stack.ready)
    finally:
        stack.stop()


def test_what_is_in_the_way_is_named_with_a_way_out(tmp_path: Path) -> None:
    base = free_base()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        said = refused(Stack(tmp_path / "home", base))
        assert f"Port {base + 1} (ingest) is in use by process" in said
        assert f"NEWSROOM_PORT_BASE={base + 100} make run" in said
    assert "NEWSROOM_PORT_BASE=80a is no port" in refused(Stack(tmp_path / "home", base, NEWSROOM_PORT_BASE="80a"))


def test_a_second_run_in_the_same_home_is_refused_and_a_killed_service_comes_back(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home", free_base(), NEWSROOM_DEMO="0").start()
    try:
        assert stack.process is not None
        assert f"already runs in {stack.home.folder} (process {stack.process.pid})" in refused(
            Stack(tmp_path / "home", free_base() + 200)
        )
        victim = stack.pid_of("moderation")
        subprocess.run(["kill", "-9", str(victim)], check=True)
        wait_for(lambda: "moderation was ended by SIGKILL" in stack.said.read_text(), what="the sentence")
        assert wait_for(stack.ready)
        assert stack.pid_of("moderation") != victim
    finally:
        stack.stop()
