"""Readers of what profilers write."""
