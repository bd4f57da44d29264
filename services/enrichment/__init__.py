"""Enrichment: language, tags, section and related stories for every article, each with its reason."""
