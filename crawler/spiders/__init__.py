"""Spiders: one per kind of start; they choose and yield, the thinking is elsewhere."""
