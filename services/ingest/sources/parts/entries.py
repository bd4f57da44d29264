"""A feed taken apart into its entries before any parser sees it, so that those read before are left out unread."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_FIRST = re.compile(rb"<((?:[a-z0-9]+:)?(?:item|entry))(?=[\s>])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entries:
    """A feed and where its entries stand in it. `regular` is False where they cannot be told apart for certain (an end
    that is missing, an entry quoted in another's text); then only the feed as a whole can be read.
    """

    plain: bytes
    spans: tuple[tuple[int, int], ...]
    regular: bool

    @property
    def head(self) -> bytes:
        """What stands before the first entry."""
        return self.plain[: self.spans[0][0]] if self.spans else self.plain

    def parts(self, most: int) -> list[bytes]:
        """The first entries, as they stand in the feed."""
        return [self.plain[start:end] for start, end in self.spans[:most]]

    def without(self, left_out: Sequence[int]) -> bytes:
        """The feed without some of its entries."""
        kept, at = [], 0
        for number in left_out:
            start, end = self.spans[number]
            kept.append(self.plain[at:start])
            at = end
        return b"".join((*kept, self.plain[at:]))


def entries_of(plain: bytes) -> Entries:
    """Take a feed apart. The first entry's own spelling decides: searched as it is written, and fast."""
    first = _FIRST.search(plain)
    if first is None:
        return Entries(plain, (), regular=True)
    name = re.escape(first.group(1))
    starts = [found.start() for found in re.finditer(rb"<" + name + rb"(?=[\s>])", plain)]
    ends = [found.end() for found in re.finditer(rb"</" + name + rb"\s*>", plain)]
    following = [*starts[1:], len(plain)]
    regular = len(starts) == len(ends) and all(
        start < end <= after for start, end, after in zip(starts, ends, following, strict=True)
    )
    return Entries(plain, tuple(zip(starts, ends if regular else following, strict=True)), regular)


def mark_of(part: bytes) -> str:
    """An entry's bytes as one short hash: while it stays the same, there is nothing to read."""
    return hashlib.sha256(part).hexdigest()[:24]
