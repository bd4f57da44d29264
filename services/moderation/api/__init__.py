"""The people's door."""

from services.moderation.api import comments, queue

routers = [queue.router, comments.router]
