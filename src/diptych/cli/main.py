"""The command's front door: sub-commands, one-line errors, and nothing heavy imported before it is needed."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from diptych import __version__
from diptych.cli.usage import Parser, visible
from diptych.data.errors import DiptychError

# command -> (module, its line in the help)
COMMANDS = {
    "demo": ("demo", "the main job on the embedded world, with a report"),
    "run": ("run", "a paper's pipeline over a dataset"),
    "train": ("train", "a paper's training on a dataset"),
    "effect": ("effect", "what papers promise, measured against their baselines in the world"),
    "compare": ("compare", "several pipelines over the same rows"),
    "measure": ("measure", "scores of captions, with intervals"),
    "report": ("report", "a dataset or a run as one page"),
    "parse": ("parse", "what a caption says, as JSON"),
    "convert": ("convert", "one dataset format to another"),
    "models": ("models", "addresses of models by what they can do"),
    "list": ("listing", "the recipes there are"),
    "show": ("listing", "one recipe: what it does, its options, its steps"),
    "cite": ("listing", "BibTeX of recipes"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status: 0 done, 1 an error the user can mend, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [argument for argument in given if argument != "--debug"]
    _lenient()
    try:
        return _command(given)
    except KeyboardInterrupt:
        print("interrupted; a run folder resumes with the same command", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _stop_writing()
        return 0
    except Exception as error:
        if debug:
            raise
        print(f"diptych: {visible(_one_line(error))}", file=sys.stderr)
        _stop_writing()
        return 1


def _command(given: list[str]) -> int:
    try:
        known, rest = front(given).parse_known_args(given)
        if known.command is None:
            front(given).print_help()
            return 0
        return _run(known.command, rest)
    except SystemExit as left:
        if left.code == 1:  # rich leaves like this when nobody reads on
            raise BrokenPipeError from None
        raise
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()


def _lenient() -> None:
    """Lets names that the terminal's encoding lacks be printed, spelt out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _stop_writing() -> None:
    """What is still to be written goes nowhere, so that leaving cannot fail once more."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def front(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the first word; what follows belongs to the command."""
    lines = "\n".join(f"  {name:<9} {line}" for name, (_, line) in COMMANDS.items())
    parser = Parser(
        prog="diptych",
        description="Write captions, check them against the image, curate the pairs, train on them, measure both.",
        epilog=f"commands:\n{lines}\n\n`diptych COMMAND --help` tells more; --debug shows the traceback of an error.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="diptych COMMAND [ARGUMENT ...]",
        add_help=not given or given[0] not in COMMANDS,
    )
    parser.add_argument("--version", action="version", version=f"diptych {__version__}")
    parser.add_argument("command", nargs="?", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    return parser


def _run(command: str, rest: list[str]) -> int:
    module = import_module(f"diptych.cli.{COMMANDS[command][0]}")
    result: int = getattr(module, "list_recipes" if command == "list" else command)(rest)
    return result


def _one_line(error: BaseException) -> str:
    said = " ".join(str(error).split())
    if isinstance(error, DiptychError):
        return said
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}; check that it exists, may be read or written, and has room"
    if isinstance(error, ConnectionError):
        return f"{said}: see that the server answers, then run it again"
    return f"{type(error).__name__}: {said}; no input should cause this, --debug shows where"
