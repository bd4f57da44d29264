"""Follow what a Newsroom publishes, and verify its webhooks."""

from newsroom_client.cursors import Cursor, FileCursor, MemoryCursor
from newsroom_client.events import Event, Gap, Refused, events, pull
from newsroom_client.webhooks import Unverified, verify

__all__ = [
    "Cursor",
    "Event",
    "FileCursor",
    "Gap",
    "MemoryCursor",
    "Refused",
    "Unverified",
    "events",
    "pull",
    "verify",
]
