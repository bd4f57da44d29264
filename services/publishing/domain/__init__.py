"""Decisions of the desk as pure functions and frozen values: no I/O, no clock."""
