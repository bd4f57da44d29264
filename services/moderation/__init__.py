"""Moderation: a verdict with its reasons for every comment, and nothing shown without one."""
