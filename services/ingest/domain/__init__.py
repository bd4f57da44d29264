"""What ingest decides, as pure functions and frozen values: identity, revisions, dates, credits, rhythm."""
