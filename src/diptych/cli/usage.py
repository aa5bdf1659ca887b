"""How the command speaks: arguments refused in one line, and nothing printed that could steer a terminal."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from diptych.data.errors import InputError

# control characters, separators of lines, overrides of the writing direction, lone surrogates
SHOWN = 10  # reasons told apart on a terminal; run.json and the report hold more
_LACKS, _STRANGE = "the following arguments are required: ", "unrecognized arguments: "
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are InputErrors of one line, not pages of usage. `of` is what the command was asked to do."""

    of = ""
    _given: Sequence[str] = ()

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it; what was given is kept for its errors."""
        self._given = sys.argv[1:] if args is None else args
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """InputError with what is wrong and where to read more."""
        if message.startswith(_LACKS):
            message = self._lacking(message, message.removeprefix(_LACKS).split(", "))
        elif message.startswith(_STRANGE):
            message += self._near(next((word for word in self._given if self._strange(word)), ""))
        command = " ".join(filter(None, (self.prog.partition(" (")[0], self.of)))
        raise InputError(f"{message.removeprefix('argument ')}; `{command} --help` tells what it takes")

    def _lacking(self, message: str, names: Sequence[str]) -> str:
        """What is lacking, or rather the option that nobody knows and that may have been meant for it."""
        strange = [word for word in self._given if self._strange(word)]
        # without the name of a recipe its options are not known yet
        if strange and (self.of or all(name.startswith("-") for name in names)):
            return f"{_STRANGE}{strange[0].partition('=')[0]}{self._near(strange[0])}"
        told = {
            flag: str(action.help).removesuffix("(required)").strip()
            for action in self._actions
            for flag in action.option_strings
            if str(action.help).endswith("(required)")
        }
        return "; ".join([message, *(f"{name} takes {told[name]}" for name in names if told.get(name))])

    def _strange(self, word: str) -> bool:
        flag = word.partition("=")[0]
        return len(flag) > len("--") and flag.startswith("--") and not any(one.startswith(flag) for one in self._option_string_actions)

    def _near(self, word: str) -> str:
        near = get_close_matches(word.partition("=")[0], self._option_string_actions, 1) if word else []
        return f"; did you mean {near[0]}?" if near else ""


def parser(prog: str, does: str | None, **options: Any) -> Parser:
    """The parser of one command; whole numbers are refused in our words."""
    made = Parser(prog=prog, description=does, **options)
    made.register("type", int, whole)
    return made


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}") from None


def writable(out: Path) -> None:
    """Makes the folder of --out and tries to write there: better refused now than after an hour's work."""
    probe = out / ".diptych"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"0")
        probe.unlink()
    except OSError as error:
        raise InputError(f"--out {out} cannot be written ({error.strerror}): make room or choose another folder") from error


def visible(text: str) -> str:
    r"""The text with what a terminal would obey spelt out as \uXXXX, as JSON does."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def in_json(value: Any) -> str:
    """One line of JSON, in ASCII where the output can hold no more."""
    wide = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    return visible(json.dumps(value, ensure_ascii=not wide))


def few(reasons: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Rows and why, a line for each reason, as many as can be read; the rest in one."""
    for number, why in reasons[:SHOWN]:
        yield visible(f"{number} {why}")
    if rest := reasons[SHOWN:]:
        yield f"{sum(number for number, _ in rest)} for other reasons"
