"""Consumer groups and trimming: what Redis must hold so that nobody misses an entry, and what it may forget."""

from collections.abc import Iterable
from dataclasses import dataclass

from redis.exceptions import ResponseError

from shared.runtime.redis import Redis


@dataclass(frozen=True)
class Subscription:
    """One group on one stream."""

    stream: str
    group: str


async def ensure_group(redis: Redis, wanted: Subscription) -> bool:
    """Create a group at the stream's beginning where it is missing; whether it had to be created."""
    try:
        await redis.xgroup_create(wanted.stream, wanted.group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
        return False
    return True


async def ensure_groups(redis: Redis, wanted: Iterable[Subscription]) -> list[Subscription]:
    """Create the groups that are missing; answers those."""
    return [each for each in wanted if await ensure_group(redis, each)]


def position_of(entry_id: bytes | str) -> int:
    """The position in an entry id: `b"12-0"` → 12."""
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    return int(text.split("-")[0])


async def settled(redis: Redis, stream: str) -> int | None:
    """The last position that every group has read and acknowledged; None where the stream has no group to ask.

    Each group's mark is the entry before its oldest pending one or, with nothing pending, its last delivered one.
    """
    groups = await redis.xinfo_groups(stream)
    if not groups:
        return None
    marks = []
    for group in groups:
        pending = await redis.xpending(stream, group["name"])
        if pending["pending"]:
            marks.append(position_of(pending["min"]) - 1)
        else:
            marks.append(position_of(group["last-delivered-id"]))
    return min(marks)


async def trim(redis: Redis, stream: str, older_than: int) -> int:
    """Drop the entries that every group has settled and that stand before the position `older_than`; how many."""
    if not await redis.exists(stream):
        return 0
    mark = await settled(redis, stream)
    if mark is None:
        return 0
    below = min(mark + 1, older_than)
    if below <= 1:
        return 0
    return int(await redis.xtrim(stream, minid=f"{below}-0", approximate=False))
