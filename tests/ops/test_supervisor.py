"""The supervisor: what ends is started again with growing waits and plain words; stopping is complete."""

import os
import sys
import time
from pathlib import Path

from ops.supervisor import Child, Supervisor


def a_child(folder: Path, program: str, name: str = "enrichment") -> Child:
    return Child(name, [sys.executable, "-c", program], os.environ, folder / f"{name}.log")


def look_until(supervisor: Supervisor, words: str, said: list[str], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not any(words in sentence for sentence in said):
        assert time.monotonic() < deadline, said
        supervisor.look()
        time.sleep(0.02)


def test_a_crashed_child_is_started_again_after_a_plain_sentence(tmp_path: Path) -> None:
    said: list[str] = []
    child = a_child(tmp_path, "import time; time.sleep(60)")
    supervisor = Supervisor([child], said.append)
    supervisor.start()
    first = child.process
    assert first is not None
    first.kill()
    look_until(supervisor, "enrichment was ended by SIGKILL; starting it again in 1 s.", said)
    deadline = time.monotonic() + 10
    while child.process is None:
        assert time.monotonic() < deadline
        supervisor.look()
        time.sleep(0.02)
    assert child.process.pid != first.pid
    supervisor.stop(5)
    assert child.process.poll() is not None


def test_a_child_that_never_stays_up_shows_the_end_of_its_log_and_waits_longer(tmp_path: Path) -> None:
    said: list[str] = []
    child = a_child(tmp_path, "raise SystemExit('the settings are wrong')")
    supervisor = Supervisor([child], said.append)
    supervisor.start()
    for _ in range(5):
        assert child.process is not None
        child.process.wait(10)
        supervisor.look()
        child.due = 0.0  # the wait itself is not what is tested
        supervisor.look()
    assert [sentence.partition(" in ")[2].split(" s")[0] for sentence in said if "again" in sentence] == [
        "1",
        "2",
        "5",
        "10",
        "30",
    ]
    assert "does not stay up" in said[-1]
    assert "the settings are wrong" in said[-1]
    supervisor.stop(5)


def test_a_child_that_ignores_sigterm_is_killed_in_time(tmp_path: Path) -> None:
    said: list[str] = []
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child = a_child(tmp_path, program)
    supervisor = Supervisor([child], said.append)
    supervisor.start()
    deadline = time.monotonic() + 10
    while "deaf" not in child.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    supervisor.stop(0.3)
    assert child.process is not None
    assert child.process.poll() == -9
    assert "enrichment did not stop" in said[0]


def test_a_log_that_grew_too_large_is_cut_and_one_old_copy_kept(tmp_path: Path) -> None:
    child = a_child(tmp_path, "import time; time.sleep(60)")
    supervisor = Supervisor([child], print)
    supervisor.start()
    with child.log.open("ab") as log:
        log.truncate(60 * 1024 * 1024)
    supervisor.look()
    supervisor.stop(5)
    assert child.log.stat().st_size == 0
    assert child.log.with_suffix(".1").stat().st_size == 60 * 1024 * 1024
