"""Keeps child processes alive: says plainly when one ends, starts it again with growing waits, stops all."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.servers import spawn

_WAITS = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the first, second, … new start
_STEADY = 60.0  # after this long a child counts as healthy again
_LOG_LIMIT = 50 * 1024 * 1024

Say = Callable[[str], None]


@dataclass
class Child:
    """One process that should run as long as we do."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    due: float = 0.0
    told: list[str] = field(default_factory=list)

    def start(self, now: float) -> None:
        """Start it, its output appended to its log."""
        self.process = spawn(self.command, log=self.log, env=dict(self.environment))
        self.started = now


class Supervisor:
    """Watches children from one plain loop; `say` gets sentences for the operator."""

    def __init__(self, children: list[Child], say: Say) -> None:
        self.children = children
        self.say = say

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start(time.monotonic())

    def look(self) -> None:
        """One round: restart what ended and is due, keep logs from growing without bound."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.due:
                    child.start(now)
                continue
            code = child.process.poll()
            if code is not None:
                self._fell(child, code, now)
            _cut(child.log)

    def stop(self, seconds: float) -> None:
        """SIGTERM to all at once, then SIGKILL to those that are still there after `seconds`."""
        living = [child for child in self.children if child.process and child.process.poll() is None]
        for child in living:
            _running(child).send_signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for child in living:
            process = _running(child)
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(
                    f"{child.name} did not stop within {seconds:.0f} s and was killed; its work is taken up again."
                )
                process.kill()
                process.wait()

    def _fell(self, child: Child, code: int, now: float) -> None:
        child.falls = 0 if now - child.started > _STEADY else child.falls
        wait = _WAITS[min(child.falls, len(_WAITS) - 1)]
        child.falls += 1
        child.process, child.due = None, now + wait
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self.say(f"{child.name} {how}; starting it again in {wait:.0f} s. Its log: {child.log}")
        if child.falls == len(_WAITS):
            self.say(f"{child.name} does not stay up. The end of its log:\n{_end_of(child.log)}")


def _running(child: Child) -> subprocess.Popen[bytes]:
    if child.process is None:
        raise RuntimeError(f"{child.name} is not running")
    return child.process


def _end_of(log: Path, lines: int = 12) -> str:
    return "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])


def _cut(log: Path) -> None:
    """Keep one old copy and go on in place: the child writes with O_APPEND, so cutting its file is safe."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.with_suffix(".1").write_bytes(log.read_bytes())
        with log.open("r+b") as file:
            file.truncate(0)
