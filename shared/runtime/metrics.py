"""What Prometheus may ask about how facts travel; a service adds its own beside it."""

import time

from prometheus_client import Counter, Gauge, Histogram

from shared.runtime.streams import Subscription

_LABELS = ["service", "stream"]
_HANDLED = Counter("newsroom_events_handled", "Events whose effect was committed.", _LABELS)
_REPEATED = Counter("newsroom_events_repeated", "Deliveries that the inbox refused.", _LABELS)
_FAILED = Counter("newsroom_events_failed", "Messages set aside after a failed attempt.", _LABELS)
_BATCH = Histogram("newsroom_batch_seconds", "Time of one batch's transaction, seconds.", _LABELS)
LAG = Gauge("newsroom_lag_entries", "Entries a consumer group has not settled yet.", _LABELS)
HELD = Gauge("newsroom_held_by_groups", "Consumer groups that keep a stream from being trimmed.", _LABELS)
OUTBOX = Gauge("newsroom_outbox_waiting", "Facts told that have no position yet.", ["service"])
LETTERS = Gauge("newsroom_failed_events", "Messages set aside, waiting or dead.", ["service", "state"])


def handled(where: Subscription, fresh: int, repeated: int, started: float) -> None:
    """Count a committed batch; `started` is the `time.perf_counter()` at its beginning."""
    labels = (where.group, where.stream)
    _HANDLED.labels(*labels).inc(fresh)
    _REPEATED.labels(*labels).inc(repeated)
    _BATCH.labels(*labels).observe(time.perf_counter() - started)


def failed(where: Subscription, count: int = 1) -> None:
    """Count messages set aside."""
    _FAILED.labels(where.group, where.stream).inc(count)


def waiting(service: str, counts: dict[str, int]) -> None:
    """Show what waits in a service, as `ops_doors.counts` found it."""
    OUTBOX.labels(service).set(counts["outbox_waiting"])
    LETTERS.labels(service, "waiting").set(counts["retries"])
    LETTERS.labels(service, "dead").set(counts["dead_letters"])
