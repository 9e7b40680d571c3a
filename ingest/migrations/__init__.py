"""Alembic migrations of the schemas `raw`, `ops` and `published`, and of the roles."""
