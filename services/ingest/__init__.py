"""Ingest: every door copy comes in through, and one identity for one story."""
