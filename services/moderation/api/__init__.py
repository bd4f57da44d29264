"""The people's door."""

from services.moderation.api import (
    appeals,
    authors,
    comments,
    desk,
    desk_appeals,
    desk_door,
    policies,
    queue,
    statistics,
)

routers = [
    queue.router,
    comments.router,
    policies.router,
    authors.router,
    appeals.router,
    statistics.router,
    desk_door.router,
    desk.router,
    desk_appeals.router,
]
