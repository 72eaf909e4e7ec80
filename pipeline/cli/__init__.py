"""The command line: `nightlight …`. Each module holds the commands of one subject."""

from pipeline.cli.main import main

__all__ = ["main"]
