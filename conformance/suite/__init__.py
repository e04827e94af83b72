"""The checks: ordinary pytest tests, one module per category, each repeated at its sites."""
