"""`make bench-ingest`: extraction, feeds, hostile documents."""

from benchmarks.ingest import extraction, feeds, hostile

if __name__ == "__main__":
    extraction.main()
    feeds.main()
    hostile.main()
