"""Reports that people read: one page for each area and year, and one for each run, made of what is published."""
