"""``python -m tfjsci``: the same as the command ``tfjsci``."""

from tfjsci.cli import main

main(prog_name="tfjsci")
