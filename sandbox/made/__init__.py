"""Made figures: invented, seeded, plausible, in the layouts of the genuine files."""
