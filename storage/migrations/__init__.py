"""Alembic migrations, one file per step; released ones never change."""
