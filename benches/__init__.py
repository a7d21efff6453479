"""Fragview against its peers: `python -m benches.run` measures, and writes docs/benchmarks.md."""
