"""Run the command line with ``python -m boundwise``."""

from boundwise.cli import main

main()
