"""The people's door."""

from services.moderation.api import appeals, authors, comments, policies, queue, statistics

routers = [
    queue.router,
    comments.router,
    policies.router,
    authors.router,
    appeals.router,
    statistics.router,
]
