"""`python -m central156.cli` is the same as `central156`."""

from central156.cli import main

main(prog_name="central156")
