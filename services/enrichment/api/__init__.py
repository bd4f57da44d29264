"""People's doors to enrichment: related stories, search, stories, the vocabulary."""

from services.enrichment.api import reindex, related, search, stories, tags

routers = [reindex.router, related.router, search.router, stories.router, tags.router]
