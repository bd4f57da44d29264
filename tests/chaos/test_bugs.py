"""The planted mistakes follow the code: one that no longer fits would prove nothing when `make chaos-bugs` is run."""

from pathlib import Path

from tests.chaos.bugs import bugs, copy_house, plant


def test_every_planted_mistake_fits_the_code_as_it_stands(tmp_path: Path) -> None:
    copy_house(tmp_path)
    for bug in bugs():
        plant(bug, tmp_path, "--check")
