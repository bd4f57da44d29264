"""Faults on real processes: nothing acknowledged is lost, nothing happens twice."""
