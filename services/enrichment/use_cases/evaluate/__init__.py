"""Measuring the enricher on files of any origin: related stories, stories, duplicates, tags, sections."""

from services.enrichment.use_cases.evaluate.run import KINDS, evaluate

__all__ = ["KINDS", "evaluate"]
