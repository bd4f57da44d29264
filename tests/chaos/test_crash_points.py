"""No boundary loses or doubles a fact, and no boundary is without its crash point."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime import crashpoints

ROOT = Path(__file__).parents[2]
#: Calls after which something is true that was not before: a commit, an append, an acknowledgement.
BOUNDARIES = {"commit", "xadd", "xack", "_append"}
#: function → why a death inside it needs no point of its own
WITHOUT = {
    "_begin": "makes rows of streams that stay the same when made again",
    "claim_abandoned": "acknowledges what is a dead letter already; before that, `_fail` is a commit like any other",
    "_connect": "a migration: one transaction, run again as a whole",
}


def swept(*kinds: str) -> list[dict[str, object]]:
    """The results of a sweep, in a process of its own: it forks, which this one must not."""
    command = [sys.executable, "-m", "tests.chaos.sweep", "--json", *kinds]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def check(results: list[dict[str, object]]) -> None:
    """Nothing broken anywhere, and every point was met by some case."""
    broken = [(result["case"], result["broken"], result["ends"]) for result in results if result["broken"]]
    assert not broken
    died = {result["case"]["point"] for result in results if result["died"]}  # type: ignore[index]  # JSON
    assert died == crashpoints.CRASH_POINTS


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kinds", [("ArticleIngested", "CommentModerated"), ("ArticlePublished", "ThreadChanged")])
def test_a_death_at_any_boundary_loses_and_doubles_nothing(kinds: tuple[str, ...]) -> None:
    check(swept(*kinds))


def _calls(path: Path) -> Iterator[tuple[str, ast.AsyncFunctionDef | ast.FunctionDef]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            names = {
                call.func.attr
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
            }
            if names & BOUNDARIES:
                yield ", ".join(sorted(names & BOUNDARIES)), node


def _has_point(node: ast.AST) -> bool:
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "crashpoint"
        for call in ast.walk(node)
    )


def test_every_boundary_of_the_runtime_has_a_crash_point() -> None:
    """A commit, append or acknowledgement without a point is a place where nobody has tried to die."""
    missing = [
        f"{path.relative_to(ROOT)}: {node.name} calls {names} and has no crashpoint()"
        for path in sorted((ROOT / "shared" / "runtime").glob("*.py"))
        for names, node in _calls(path)
        if not _has_point(node)
        and node.name not in {*WITHOUT, "transaction", "finish"}  # those two call Database.commit
    ]
    assert not missing


def test_services_leave_commits_to_the_runtime() -> None:
    """So the runtime's points stand at every commit there is."""
    found = [
        f"{path.relative_to(ROOT)}: {node.name} calls {names}"
        for path in sorted((ROOT / "services").rglob("*.py"))
        if "migrations" not in path.parts
        for names, node in _calls(path)
        if names != "_append"  # the relay's own word; elsewhere it appends to a list
    ]
    assert not found


def test_a_crash_point_does_nothing_unless_it_is_chosen() -> None:
    crashpoints.crashpoint(next(iter(crashpoints.CRASH_POINTS)))
