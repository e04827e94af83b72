"""`python -m conformance` is `conformance`."""

from conformance.cli import main

main(prog_name="conformance")
