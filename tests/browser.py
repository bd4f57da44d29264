"""A real browser that a test steers: Chromium over its debugging pipe (Chrome DevTools Protocol), nothing between."""

import asyncio
import itertools
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,1600"),
)


#: The debugging pipe has the numbers 3 and 4.
_START = (
    "import fcntl, os, sys; ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]; "
    "[os.dup2(end, number) for number, end in enumerate(ends, 3)]; os.execv(sys.argv[3], sys.argv[3:])"
)
_ASK_UNTIL = (
    "new Promise(done => { const ask = () => { const found = SCRIPT; "
    "found ? done(found) : setTimeout(ask, 50) }; ask() })"
)


class Tab:
    """One page of the browser."""

    def __init__(self, reader: asyncio.StreamReader, writer: Any) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.session: str | None = None
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take what the browser says until it ends."""
        while True:
            try:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            except asyncio.IncompleteReadError:
                return
            waiting = self._answers.pop(message.get("id", 0), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
            elif message.get("method") == "Page.loadEventFired":
                self._loaded.set()
            elif message.get("method") == "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            elif message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
            elif message.get("method") == "Page.javascriptDialogOpening":
                self.complaints.append(f"asked: {message['params']['type']}")
                asyncio.get_running_loop().create_task(self.do("Page.handleJavaScriptDialog", accept=True))

    async def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its result. Raises AssertionError with what the browser says against it."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params}
        self._writer.write(json.dumps(message | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        said = await asyncio.wait_for(answer, 60)
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def open(self, url: str) -> None:
        """Go there and wait until it is drawn."""
        self._loaded.clear()
        await self.do("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), 60)

    async def run(self, script: str) -> Any:
        """What an expression is worth on the page."""
        said = await self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    async def press(self, selector: str) -> None:
        """Click what leads to another page, and wait for that."""
        self._loaded.clear()
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")
        await asyncio.wait_for(self._loaded.wait(), 60)

    async def type(self, selector: str, text: str) -> None:
        """Put the cursor at the end of a field and type."""
        field = f"document.querySelector({json.dumps(selector)})"
        await self.run(f"{field}.focus(), {field}.setSelectionRange({field}.value.length, {field}.value.length)")
        await self.do("Input.insertText", text=text)

    async def key(self, key: str, *, leads: bool = True) -> None:
        """Press a key, and wait for the page it leads to."""
        self._loaded.clear()
        for kind in ("keyDown", "keyUp"):
            await self.do(
                "Input.dispatchKeyEvent", type=kind, key=key, text=key if len(key) == 1 and kind == "keyDown" else ""
            )
        if leads:
            await asyncio.wait_for(self._loaded.wait(), 60)

    async def until(self, script: str) -> Any:
        """Wait until an expression is true, and answer it. Raises TimeoutError after twenty seconds."""
        async with asyncio.timeout(20):
            return await self.run(_ASK_UNTIL.replace("SCRIPT", script))


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Tab]:
    """An empty browser with one page."""
    assert CHROMIUM is not None
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _START, str(theirs_in), str(theirs_out)),
        *(CHROMIUM, *_FLAGS, f"--user-data-dir={folder}", "about:blank"),
        pass_fds=(theirs_in, theirs_out),
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=1 << 24)
    reading, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb"))
    writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(ours_out, "wb"))
    tab = Tab(reader, writing)
    listening = asyncio.create_task(tab.listen())
    try:
        (page, *_) = [t for t in (await tab.do("Target.getTargets"))["targetInfos"] if t["type"] == "page"]
        attached = await tab.do("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        tab.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await tab.do(f"{domain}.enable")
        yield tab
    finally:
        tab.session = None
        if process.returncode is None:
            process.terminate()
        await process.wait()
        listening.cancel()
        writing.close()
        reading.close()
