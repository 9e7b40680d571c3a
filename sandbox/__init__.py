"""Stand-in for the source bodies: one HTTP server that speaks their wire formats, with faults on demand."""
