"""Landing, reading, loading and publishing of public bodies' data, and the `nis` command line."""
