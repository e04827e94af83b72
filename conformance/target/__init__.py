"""The target: which endpoint is tested, as whom, what it has, and what a run makes on it."""
