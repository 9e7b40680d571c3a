"""The schedules: one ingest DAG for each domain, and one that builds and publishes."""
