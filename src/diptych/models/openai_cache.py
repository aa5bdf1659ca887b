"""Answers of hosted models on disk, so that asking the same again costs nothing. Several processes may share the file."""

import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from diptych.data.errors import InputError
from diptych.models.abilities import ChatRequest
from diptych.models.openai_address import Hosted

FORMAT = 1  # of keys, pictures and the table: another number knows none of the old answers
WAIT = 10.0  # seconds for another process's write
AT_ONCE = 500  # keys of one look-up
_TABLE = (
    "create table if not exists answers (key blob primary key, kind text not null, text text not null, model text not null,"
    " tokens_in integer not null, tokens_out integer not null) without rowid"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a model said to one request, and what that cost. `kind`: answer, cut, refusal or empty."""

    kind: str
    text: str = ""
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


def key_of(hosted: Hosted, request: ChatRequest) -> bytes:
    """32 bytes that change with whatever may change the answer; the key to the server and the record do not."""
    said = [
        FORMAT,
        hosted.base,
        hosted.model,
        hosted.side,
        request.system,
        request.prompt,
        request.schema,
        request.tokens,
        request.draw,
        float(request.temperature),
        [[picture.key, picture.width, picture.height] for picture in request.pictures],
    ]
    return sha256(json.dumps(said, ensure_ascii=True).encode("ascii")).digest()


def cache_path(said: str) -> Path | None:
    """Where answers are kept: as the address says, else DIPTYCH_ANSWERS, else the user's cache folder; None for "off"."""
    named = said or os.environ.get("DIPTYCH_ANSWERS", "")
    if named == "off":
        return None
    if named:
        path = Path(named).expanduser()
        return path / "answers.sqlite" if path.is_dir() or not path.suffix else path
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home else Path.home() / ".cache") / "diptych" / "answers.sqlite"


@dataclass(slots=True)
class Cache:
    """Opened for one batch at a time: nothing is held across forks, threads or the end of a run."""

    path: Path | None
    warned: bool = field(default=False, init=False)

    @contextmanager
    def opened(self) -> Iterator["Answers"]:
        """The answers; InputError for a file that is something else. Without a path there are none, and none are kept."""
        if self.path is None:
            yield Answers(None, self)
            return
        with closing(self._connected(self.path)) as connection:
            yield Answers(connection, self)

    def _connected(self, path: Path) -> sqlite3.Connection:
        connection = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            # readers and a writer at once, and no wait for the disk: a power cut may cost the last answers, never the file
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma synchronous=normal")
            connection.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            if connection is not None:
                connection.close()
            raise InputError(
                f"{path} cannot keep answers ({error}): name another file with DIPTYCH_ANSWERS or cache=PATH, or say DIPTYCH_ANSWERS=off"
            ) from error
        return connection

    def warn(self, error: Exception) -> None:
        """Says once that answers are not kept."""
        if not self.warned:
            self.warned = True
            print(f"{self.path}: answers are not kept ({error}); asking again will cost again", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Answers:
    """Look-ups and writes."""

    connection: sqlite3.Connection | None
    cache: Cache

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Kept]:
        """Those of the keys that have an answer."""
        found: dict[bytes, Kept] = {}
        if self.connection is None:
            return found
        try:
            for start in range(0, len(keys), AT_ONCE):
                some = keys[start : start + AT_ONCE]
                marks = ",".join("?" * len(some))
                wanted = f"select key, kind, text, model, tokens_in, tokens_out from answers where key in ({marks})"
                found.update({bytes(key): Kept(*rest) for key, *rest in self.connection.execute(wanted, some)})
        except sqlite3.Error as error:
            self.cache.warn(error)
        return found

    def keep(self, key: bytes, kept: Kept) -> Kept:
        """The answer that stands: this one, kept from now on, or the one that another process has kept meanwhile.

        A disk that refuses costs no more than the memory of it.
        """
        if self.connection is None:
            return kept
        values = (key, kept.kind, kept.text, kept.model, kept.tokens_in, kept.tokens_out)
        try:
            if self.connection.execute("insert or ignore into answers values (?, ?, ?, ?, ?, ?)", values).rowcount:
                return kept
        except (sqlite3.Error, UnicodeEncodeError) as error:
            self.cache.warn(error)
            return kept
        return self.known([key]).get(key, kept)
