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


async def settled(redis: Redis, stream: str) -> dict[str, int]:
    """The last position up to which each group of a stream has read and acknowledged everything.

    It is the entry before a group's oldest pending one or, with nothing pending, its last delivered one.
    """
    if not await redis.exists(stream):
        return {}
    marks = {}
    for group in await redis.xinfo_groups(stream):
        pending = await redis.xpending(stream, group["name"])
        last = position_of(pending["min"]) - 1 if pending["pending"] else position_of(group["last-delivered-id"])
        marks[group["name"].decode()] = last
    return marks


async def trim(redis: Redis, stream: str, older_than: int) -> list[str]:
    """Drop the entries that every group has settled and that stand before the position `older_than`.

    Answers the groups that keep some of these entries from being dropped. Nothing is dropped where there is no group.
    """
    marks = await settled(redis, stream)
    below = min([*marks.values(), older_than - 1]) + 1
    if marks and below > 1:
        await redis.xtrim(stream, minid=f"{below}-0", approximate=False)
    return sorted(group for group, mark in marks.items() if mark + 1 < older_than)
