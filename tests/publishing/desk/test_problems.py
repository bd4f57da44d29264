"""Every refusal the house can make is explained at the address its type points to."""

import ast
from collections.abc import Iterator
from pathlib import Path

from services.publishing.domain.problems import PROBLEMS

ROOT = Path(__file__).parents[3]
ROOMS = [ROOT / "services" / "publishing", ROOT / "shared" / "runtime"]
#: Slugs that are chosen at run time, in shared/runtime/problems.py.
CHOSEN = {"not-found", "method-not-allowed", "http"}


def _refusals() -> Iterator[tuple[str, int | None, str]]:
    """(slug, status, where) of every Problem and Refused that is written down."""
    for path in (file for room in ROOMS for file in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Problem", "Refused"}
            ):
                given = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args[:2]]
                if len(given) == 2 and isinstance(given[1], str):
                    status = given[0] if isinstance(given[0], int) else None
                    yield given[1], status, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_refusal_is_explained() -> None:
    found = list(_refusals())
    assert len(found) > 30
    assert [(slug, where) for slug, _, where in found if slug not in PROBLEMS] == []
    assert PROBLEMS.keys() >= CHOSEN


def test_nothing_is_explained_that_nobody_says() -> None:
    assert PROBLEMS.keys() - {slug for slug, _, _ in _refusals()} - CHOSEN == set()


def test_explanations_are_whole_sentences() -> None:
    for slug, explained in PROBLEMS.items():
        assert explained.means.endswith("."), slug
        assert explained.repair.endswith("."), slug
        assert 400 <= explained.status < 600, slug
