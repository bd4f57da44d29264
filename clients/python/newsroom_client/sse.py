"""Server-sent events as bytes come in (HTML standard §9.2.6): lines end in LF, CR or CRLF, wherever a chunk is cut."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """One dispatched event."""

    data: str
    event: str
    id: str


@dataclass
class Parser:
    """Feed it bytes; it gives the messages they complete. `last_id` and `retry` (ms) are what the stream last said.

    An id counts once the blank line after it has come: a stream that is cut in an event never told that event's id.
    """

    last_id: str = ""
    retry: int | None = None
    _rest: bytes = b""
    _data: list[str] = field(default_factory=list)
    _event: str = ""
    _id: str = ""
    _started: bool = False
    _after_cr: bool = False

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """The messages that this chunk completes."""
        for line in self._lines(chunk):
            if line:
                self._take(line.decode("utf-8", "replace"))
            elif (message := self._dispatch()) is not None:
                yield message

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        if self._after_cr and chunk:
            chunk, self._after_cr = chunk.removeprefix(b"\n"), False
        self._rest += chunk
        if not self._started and len(self._rest) >= 3:
            self._rest, self._started = self._rest.removeprefix(b"\xef\xbb\xbf"), True
        if not self._started and not b"\xef\xbb\xbf".startswith(self._rest[:3]):
            self._started = True
        start = 0
        while self._started:
            ends = [at for at in (self._rest.find(b"\n", start), self._rest.find(b"\r", start)) if at >= 0]
            if not ends:
                break
            end = min(ends)
            yield self._rest[start:end]
            start = end + 1
            if self._rest[end : end + 1] == b"\r":
                if start == len(self._rest):
                    self._after_cr = True  # an LF that follows belongs to this line's end
                elif self._rest[start : start + 1] == b"\n":
                    start += 1
        self._rest = self._rest[start:]

    def _take(self, line: str) -> None:
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ") if colon else ""
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry = int(value)

    def _dispatch(self) -> Message | None:
        data, event = self._data, self._event or "message"
        self._data, self._event, self.last_id = [], "", self._id
        return Message("\n".join(data), event, self.last_id) if data else None
