"""`diptych train`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from diptych.cli import usage
from diptych.cli.catalogue import recipe
from diptych.cli.options import add_options, chosen, keywords
from diptych.cli.running import announce, stand_ins
from diptych.data.errors import InputError
from diptych.lab.defaults import STARTS

OURS = ("out", "seed", "settings")  # of every training; the rest are the recipe's own
_FLAGS = frozenset(("--overwrite", "--json", "--quiet", "--tokens", "--tensorboard", "--help"))  # which take no value
_ENCODER = "nano:dual, nano:clip or nano:siglip to start afresh, hf:./PATH to go on from weights of yours"
_TOLD = {
    "model": _ENCODER,
    "encoder": "a dual encoder that has been trained: hf:./PATH",
    "encoders": "dual encoders that have been trained: hf:./PATH",
    "captioner": "nano:prefix to start afresh, hf:./PATH to go on from a captioner of yours",
    "language": "a causal language model: hf:./PATH",
}


def train(arguments: Sequence[str]) -> int:
    """A paper's training on a dataset, into a folder that `hf:./DIR` opens."""
    words = _words(arguments, _FLAGS)
    module = recipe(words[0]) if words and not _asks_help(arguments) else None
    if module is not None and not hasattr(module, "train"):
        raise InputError(f"{words[0]} does not train: `diptych list` tells which do, `diptych show {words[0]}` what it has")
    words = _words(arguments, _FLAGS | _switches(module)) if module is not None else words
    models = stand_ins(words[1], module.train, STARTS) if module is not None and len(words) > 1 else {}
    given = _parser(words[:1], module, models).parse_args(arguments)
    assert module is not None
    settings = chosen(given, module.train, without=OURS)
    announce({name: model for name, model in models.items() if settings[name] == model}, "it starts from")
    from diptych.cli.training import Asked, carry_out, tell

    which = {"captions": given.captions, "tokens": given.tokens, "seed": given.seed, "limit": given.limit, "overwrite": given.overwrite}
    done = carry_out(Asked(given.recipe, module.train, given.data, given.out, settings, how=_how(given), **which))
    if done is None:  # one of several processes, of which the first tells
        return 0
    if done is not None and given.json:
        print(usage.in_json(done.as_json()))
    elif done is not None:
        tell(done)
    return 0


def _how(given: argparse.Namespace) -> Any:
    from diptych.train.settings import Settings

    if given.workers is not None and given.workers < 0:
        raise InputError(f"--workers must be 0 or more, got {given.workers}")
    if given.log_every < 1:
        raise InputError(f"--log-every must be 1 or more, got {given.log_every}")
    return Settings(
        save_every=given.save_every, log_every=given.log_every, workers=given.workers, precision=given.precision,
        progress=not given.quiet, tensorboard=given.tensorboard,
    )  # fmt: skip


def _words(arguments: Sequence[str], flags: frozenset[str]) -> list[str]:
    """What is neither an option nor the value of one, so that options may stand anywhere."""
    found, valued = [], False
    for argument in arguments:
        if argument.startswith("-"):
            valued = argument.startswith("--") and "=" not in argument and argument not in flags
        elif valued:
            valued = False
        else:
            found.append(argument)
    return found


def _switches(module: ModuleType) -> frozenset[str]:
    """The recipe's options that take no value."""
    names = [name.replace("_", "-") for name, given in keywords(module.train).items() if isinstance(given.default, bool)]
    return frozenset(f"--{no}{name}" for name in names for no in ("", "no-"))


def _asks_help(arguments: Sequence[str]) -> bool:
    # help of a recipe's options needs the recipe; help of the command needs nothing
    return bool(arguments) and arguments[0] in ("-h", "--help")


def _parser(named: Sequence[str], module: ModuleType | None, models: dict[str, Any]) -> argparse.ArgumentParser:
    parser = usage.parser("diptych train", train.__doc__)
    parser.add_argument("recipe", help="a name from `diptych list` that trains, or the path of a recipe file")
    parser.add_argument(
        "data", metavar="DATA", help="pictures with captions: a folder, table, tars, COCO JSON, run folder, or world:N?noise=.4"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="for the model, its checkpoints and logs; the same command goes on"
    )
    parser.add_argument(
        "--captions", default="chosen", metavar="WHICH", help="chosen, all, alt, proposed, human or style:NAME (default chosen)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of everything random (default 0)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N rows")
    parser.add_argument("--overwrite", action="store_true", help="begin again instead of going on with the training in the folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--tokens", action="store_true", help="see the world through the shipped tower, frozen: trains in seconds")
    how = parser.add_argument_group("how it runs")
    how.add_argument("--workers", type=int, metavar="N", help="threads that decode pictures ahead (default: the other cores, at most 8)")
    how.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto", help="auto: bf16 where an accelerator has it")
    how.add_argument("--save-every", type=float, default=300.0, metavar="SECONDS", help="a checkpoint (default 300)")
    how.add_argument("--log-every", type=int, default=10, metavar="N", help="a line of train.jsonl every N updates (default 10)")
    how.add_argument("--tensorboard", action="store_true", help="write for TensorBoard too; needs the extra tensorboard")
    if module is not None:
        add_options(parser.add_argument_group(f"options of {named[0]}"), module.train, models, without=OURS, told=_TOLD)
        parser.of = named[0]
    return parser
