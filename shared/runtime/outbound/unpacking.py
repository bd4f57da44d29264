"""Reading a body of unknown size and honesty: bounded in bytes and in how much it grows while it is unpacked."""

import zlib

from shared.runtime.outbound.errors import OutboundError, OutboundRefused

_RATIO_MATTERS_ABOVE = 64 * 1024  # a short text may shrink a lot and harm nobody


class Unpacker:
    """Decompresses while it reads, and stops at the limits instead of finding out afterwards."""

    def __init__(self, encoding: str, max_bytes: int, max_ratio: int) -> None:
        self._limit, self._ratio = max_bytes, max_ratio
        self._out: list[bytes] = []
        self._received = self._size = 0
        encodings = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
        if len(encodings) > 1 or (encodings and encodings[0] not in ("gzip", "x-gzip", "deflate")):
            raise OutboundRefused("encoding", f"The answer is encoded as {encoding!r}; we asked for gzip or deflate.")
        self._encoding = encodings[0] if encodings else ""
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32) if encodings else None

    def feed(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._inflate is None:
            self._keep(chunk)
            return
        while chunk:
            piece, chunk = self._inflated(chunk)
            self._keep(piece)

    def _inflated(self, chunk: bytes) -> tuple[bytes, bytes]:
        assert self._inflate is not None  # noqa: S101 - for the type checker; `feed` looked
        try:
            piece = self._inflate.decompress(chunk, 64 * 1024)
        except zlib.error as error:
            if self._encoding == "deflate" and not self._size:
                self._encoding, self._inflate = "raw deflate", zlib.decompressobj(-zlib.MAX_WBITS)
                return b"", chunk
            raise OutboundError("encoding", f"The answer's compressed body is broken: {error}") from error
        if self._inflate.eof and self._inflate.unused_data and self._encoding.endswith("gzip"):
            rest = self._inflate.unused_data
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
            return piece, rest
        return piece, self._inflate.unconsumed_tail

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise OutboundRefused("too_large", f"The answer is larger than {self._limit} bytes.")
        if self._size > max(_RATIO_MATTERS_ABOVE, self._received * self._ratio):
            raise OutboundRefused("bomb", f"The answer grows more than {self._ratio} times when it is unpacked.")
        self._out.append(piece)

    def finish(self) -> bytes:
        """Everything that was kept, with what the decompressor still held back."""
        if self._inflate is not None:
            self._keep(self._inflate.flush())
        return b"".join(self._out)
