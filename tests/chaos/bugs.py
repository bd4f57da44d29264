"""`python -m tests.chaos.bugs [name…]`: proves that the programme's zeros mean something.

Each patch in `bugs/` plants one known mistake in a scratch copy; what its second line names must find something broken:
the sweep of crash points, or a short run of chaos with these faults. A copy without a patch must come out clean.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SWEEP = "sweep"
BUGS = Path(__file__).parent / "bugs"
_COPIED = ("shared", "services", "ops", "tests", "benchmarks")
_COUNTED = re.compile(r"^(\S.*?)\s+([\d,]+)   <-- must be 0$", re.MULTILINE)


@dataclass(frozen=True)
class Bug:
    """One planted mistake: what it is, and the faults that bring it to light."""

    name: str
    why: str
    faults: str
    patch: Path

    @classmethod
    def read(cls, patch: Path) -> "Bug":
        """A bug from the first two lines of its patch."""
        why, faults = patch.read_text(encoding="utf-8").splitlines()[:2]
        return cls(patch.stem, why, faults.removeprefix("found by: "), patch)


def bugs() -> list[Bug]:
    """All planted mistakes, by name."""
    return [Bug.read(patch) for patch in sorted(BUGS.glob("*.patch"))]


def copy_house(folder: Path) -> None:
    """A scratch copy of what runs, as a tree of its own."""
    for name in _COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "results"))
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")


def plant(bug: Bug, folder: Path, *how: str) -> None:
    """Apply the patch (or only `--check` it). Raises RuntimeError when the code has moved on and it must follow."""
    done = subprocess.run(
        ["git", "apply", *how, "--recount", "-C1", str(bug.patch)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"GIT_CEILING_DIRECTORIES": str(folder.parent), "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    if done.returncode:
        raise RuntimeError(f"{bug.patch.name} no longer fits the code; mend it:\n{done.stderr}")


def tried(bug: Bug | None, faults: str, seconds: float) -> tuple[bool, str]:
    """Run chaos in a scratch copy, with or without a bug: (came out clean, what was broken or said).

    Raises RuntimeError where the programme itself broke off: that says nothing about either.
    """
    folder = Path(tempfile.mkdtemp(prefix="newsroom-bug-"))
    try:
        copy_house(folder)
        if bug:
            plant(bug, folder)
        command = [sys.executable, "-m", "tests.chaos.sweep", "ArticleIngested"]
        if faults != SWEEP:
            command = [sys.executable, "-m", "tests.chaos", "--minutes", f"{seconds / 60:.3f}", "--rate", "40"]
            command += ["--only", faults, "--drain", "25" if bug else "90"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
        broken = "; ".join(f"{name}: {times}" for name, times in _COUNTED.findall(done.stdout))
        if faults == SWEEP:
            broken = (done.stdout.strip().splitlines() or [""])[-1]
        if done.returncode and not broken:
            raise RuntimeError(f"the programme broke off:\n{(done.stdout + done.stderr)[-2000:]}")
        return done.returncode == 0, broken
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(names: list[str]) -> int:
    """Plant each bug (or those named); 1 when one was not caught or the house itself did not come out clean."""
    chosen = [bug for bug in bugs() if not names or bug.name in names]
    missed = 0
    for bug in chosen:
        clean, broken = tried(bug, bug.faults, seconds=20)
        missed += clean
        sys.stdout.write(f"{'MISSED' if clean else 'caught':<8}{bug.name:<32}{broken[:160]}\n")
        sys.stdout.flush()
    if not names:
        every = ",".join(sorted({fault for bug in chosen for fault in bug.faults.split(",")} - {SWEEP}))
        for faults in (SWEEP, every):
            clean, broken = tried(None, faults, seconds=40)
            missed += not clean
            sys.stdout.write(f"{'clean' if clean else 'BROKEN':<8}{'without any of them':<32}{broken[:160]}\n")
    sys.stdout.write(f"{len(chosen)} planted mistakes, {missed} of them not told from a sound house\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
