"""People's doors to enrichment: related stories, search, stories, the vocabulary."""

from services.enrichment.api import related, search, stories, tags

routers = [related.router, search.router, stories.router, tags.router]
