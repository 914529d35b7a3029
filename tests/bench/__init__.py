"""Speed, as ratios to something that runs beside it: `python -m tests.bench` (see README.md here)."""
