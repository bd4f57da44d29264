"""Named boundaries at which a process may be made to die, to prove that no boundary loses or doubles a fact."""

import os

#: Every boundary of the runtime and the services; a test sweeps them all.
CRASH_POINTS: set[str] = set()

_CHOSEN = os.environ.get("NEWSROOM_CRASH_AT", "")
_left = int(os.environ.get("NEWSROOM_CRASH_ON_VISIT", "1"))


def boundary(name: str) -> str:
    """Declare a boundary at import and hand its name back, so that all are known before any is met."""
    CRASH_POINTS.add(name)
    return name


def crashpoint(name: str) -> None:
    """Die here, as `kill -9` would, where NEWSROOM_CRASH_AT names this boundary; else nothing."""
    global _left  # noqa: PLW0603  # one process dies once
    if name != _CHOSEN:
        return
    _left -= 1
    if _left <= 0:
        os._exit(137)
