"""One module for each interface that computes its answers; fixed files need none."""
