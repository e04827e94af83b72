"""What the commands do: run the suite, list what there is, sweep up."""
