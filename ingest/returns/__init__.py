"""Returns: files that councils and national bodies send us, taken or refused as a whole and always recorded."""
