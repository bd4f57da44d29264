"""Now, and new names: the two things a pure function must be handed."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def utc_now() -> datetime:
    """This instant, with its offset."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then chance, so that index pages fill in order."""
    moment = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (moment & 0xFFFFFFFFFFFF) << 80 | chance
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return UUID(int=value)
