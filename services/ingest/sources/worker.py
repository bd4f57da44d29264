"""The child process that reads documents: it owns no secrets and no connections, has little memory, and may be killed.

Frames on stdin and stdout: a 4-byte big-endian length, then that many bytes. The first frame it sends says that it is
ready. A request is a JSON frame
`{"form", "hints"}` and a frame with the document; the answer is one frame: `+` or, from a process that asks to be
replaced, `-`; then JSON: `{"harvest": …, "seconds"}`, with the processor's seconds it took, or `{"cause", "detail"}`.
"""

import contextlib
import gc
import importlib
import os
import resource
import struct
import sys
import time
from pathlib import Path
from typing import BinaryIO

import orjson

from services.ingest.domain.items import Hints, Unreadable
from services.ingest.sources.reading import read_document


def main() -> None:
    """Answer requests until stdin closes. The arguments are the memory limit in MiB and how nice to be to others."""
    limit = int(sys.argv[1]) * 1024 * 1024
    _step_back(int(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # not every system counts data this way; the parent's timer stays
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    inlet, outlet = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not break the frames
    for name in ("feeds", "pages"):  # loaded before the first document, whose time is its own
        importlib.import_module(f"services.ingest.sources.{name}")
    gc.freeze()
    _send(outlet, b"{}")
    while (head := _frame(inlet)) is not None:
        content = _frame(inlet) or b""
        answer = _answer(orjson.loads(head), content)
        del content
        gc.collect(0)
        _send(outlet, (b"-" if _is_worn(limit) else b"+") + answer)


def _step_back(niceness: int) -> None:
    """Be nice to others. Where Linux groups processes by session, only the value of our own group counts."""
    os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


def _is_worn(limit: int) -> bool:
    """Whether what past documents left in memory might fail the next one; known where /proc tells.

    A reader that has loaded all it may need, the languages' model too, stands at 150 MiB.
    """
    try:
        data = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return False
    return data > limit * 3 // 4


def _send(outlet: BinaryIO, answer: bytes) -> None:
    outlet.write(struct.pack(">I", len(answer)) + answer)
    outlet.flush()


def _frame(inlet: BinaryIO) -> bytes | None:
    size = inlet.read(4)
    return inlet.read(struct.unpack(">I", size)[0]) if len(size) == 4 else None


def _answer(request: dict[str, object], content: bytes) -> bytes:
    began = time.process_time()
    try:
        hints = Hints.model_validate(request["hints"])
        harvest = read_document(request["form"], content, hints)  # type: ignore[arg-type]  # the parent's own type
        found = harvest.model_dump_json(exclude_defaults=True).encode()
        return b'{"seconds":%.3f,"harvest":%b}' % (time.process_time() - began, found)
    except Unreadable as error:
        return orjson.dumps({"cause": error.cause, "detail": str(error)})
    except (MemoryError, RecursionError) as error:
        return orjson.dumps(
            {"cause": "too_complex", "detail": f"Reading the document takes too much: {type(error).__name__}."}
        )
    except Exception as error:  # noqa: BLE001 - whatever a parser throws at a hostile document becomes one clear cause
        return orjson.dumps(
            {"cause": "unreadable", "detail": f"The document cannot be read: {type(error).__name__}: {error}"[:500]}
        )


if __name__ == "__main__":
    main()
