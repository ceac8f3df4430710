"""Numbers, each with its machine and its base: `python -m benchmarks`, or one module alone."""
