"""`python -m ingest` is the command line `nis`."""

from ingest.cli import main

main()
