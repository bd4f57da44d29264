"""When a story may leave: an embargo is kept, and one that cannot be understood holds the story."""

from datetime import datetime

from services.ingest.domain.texts import line


def read_embargo(raw: str, now: datetime) -> tuple[datetime | None, str | None]:
    """The end of an embargo, and why the story is held where the end cannot be told; neither where it is over."""
    said = line(raw, 100)
    try:
        until = datetime.fromisoformat(said)
    except ValueError:
        return None, f"the embargo {said!r} cannot be parsed"
    if until.tzinfo is None:
        return None, f"the embargo {said!r} names no time zone"
    return (until, None) if until > now else (None, None)
