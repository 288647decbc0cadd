"""``python -m cartsim``: the command line."""

from cartsim.cli import main

main(prog_name="cartsim")
