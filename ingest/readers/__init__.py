"""Readers: from the bytes of a delivered file to rows of text, as the contract's reader says."""
