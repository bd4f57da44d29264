"""Tables and all queries of publishing. Nothing here decides or commits."""

from services.publishing.storage import (
    articles,
    audit,
    comments,
    desk,
    enrichments,
    ledger,
    outgoing,
    outlets,
    public,
    receipts,
    revisions,
    rules,
    sources,
    subscriptions,
    users,
    views,
    websub,
)
from services.publishing.storage.base import Table

__all__ = [
    "Table",
    "articles",
    "audit",
    "comments",
    "desk",
    "enrichments",
    "ledger",
    "outgoing",
    "outlets",
    "public",
    "receipts",
    "revisions",
    "rules",
    "sources",
    "subscriptions",
    "users",
    "views",
    "websub",
]
