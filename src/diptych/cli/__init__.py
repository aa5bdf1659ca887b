"""The command `diptych`."""

from diptych.cli.main import main

__all__ = ["main"]
