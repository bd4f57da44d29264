"""Clock times as people say them: "seven in the morning in Ha Noi" is one moment, or none, or two."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(f"{name!r} is no IANA time zone, like Asia/Ho_Chi_Minh") from unknown


def moment_of(said: datetime, zone: str | None) -> datetime:
    """The moment somebody means: as it is where it has an offset, else the clock of `zone`.

    Raises ValueError where no zone is named, and where the clocks were put forward over that time or back to it.
    """
    if said.utcoffset() is not None:
        return said
    if zone is None:
        raise ValueError(f"{said.isoformat()} has no UTC offset: add one (+07:00), or name `time_zone`")
    first, second = (said.replace(tzinfo=zone_named(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.timestamp() > second.timestamp():
        raise ValueError(f"{said.isoformat()} does not exist in {zone}: the clocks are put forward over it")
    ways = " or ".join(one.isoformat() for one in (first, second))
    raise ValueError(f"{said.isoformat()} comes twice in {zone}, as the clocks are put back: send {ways}")
