"""What ingest claims, measured: extraction, feeds, hostile documents."""
