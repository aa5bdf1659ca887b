"""Models in folders of this machine, opened in one way: safetensors alone, no remote code, no progress bars."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers.utils import logging

from diptych.data.errors import AddressError


def folder_at(address: Path | str) -> Path:
    """The folder that `hf:./PATH` or a plain path means."""
    return Path(str(address).removeprefix("hf:")).expanduser()


def stamp(address: Path | str) -> int:
    """Changes when weights are written to the folder anew, for what is remembered by the folder's name; 0 where there are none."""
    weights = folder_at(address) / "model.safetensors"
    return weights.stat().st_mtime_ns if weights.is_file() else 0


def from_folder(kind: Any, address: Path | str, **config: Any) -> Any:
    """The model of a class, or of an Auto class, with `config` laid over its configuration; AddressError where it does not open."""
    path = folder_at(address)
    if not (path / "config.json").is_file():
        raise AddressError(f"{address} holds no model (no config.json): name the folder of a trained one, PATH or hf:./PATH")
    with _told(address), without_bars():
        return kind.from_pretrained(path, local_files_only=True, use_safetensors=True, trust_remote_code=False, **config)


def words_from_folder(kind: Any, address: Path | str) -> Any:
    """The tokenizer of a class, or of AutoTokenizer, beside a model's weights; AddressError where it does not open."""
    with _told(address):
        return kind.from_pretrained(folder_at(address), local_files_only=True, trust_remote_code=False)


@contextmanager
def _told(address: Path | str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise AddressError(f"{address} does not open: {str(error).strip().splitlines()[0]}") from error


@contextmanager
def without_bars() -> Iterator[None]:
    """Within, transformers shows no progress bars."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
