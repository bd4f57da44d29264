"""Where a reader keeps the position of the last event it has finished."""

import os
from pathlib import Path
from typing import Protocol


class Cursor(Protocol):
    """Anything that remembers a position. `load` answers None where nothing was saved yet."""

    def load(self) -> int | None: ...
    def save(self, position: int) -> None: ...


class MemoryCursor:
    """Remembers while the process lives."""

    def __init__(self, position: int | None = None) -> None:
        self.position = position

    def load(self) -> int | None:
        return self.position

    def save(self, position: int) -> None:
        self.position = position


class FileCursor:
    """Remembers in a file that is replaced whole, so that a crash leaves the old position or the new one."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def load(self) -> int | None:
        try:
            return int(self.path.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise ValueError(f"{self.path} holds no position; delete it to start anew") from error

    def save(self, position: int) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        beside.write_text(f"{position}\n")
        beside.replace(self.path)
