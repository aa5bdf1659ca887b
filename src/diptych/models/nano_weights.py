"""Where the weights that diptych ships lie. A module of its own, so that asking for the folder needs no torch."""

from hashlib import blake2b
from pathlib import Path

from diptych.data.errors import AddressError

WEIGHTS = Path(__file__).parent / "weights"


def folder(name: str) -> Path:
    """The folder of one model, which its class opens; AddressError where it was not shipped."""
    found = WEIGHTS / name
    if not (found / "config.json").is_file():
        raise AddressError(f"the nano model {name!r} is not in {WEIGHTS}: install diptych whole, or train it with scripts/train_nano.py")
    return found


def fingerprint(name: str) -> str:
    """16 digits that depend on the model's weights and configuration."""
    found = folder(name)
    made = blake2b(digest_size=8)
    for path in sorted(found.iterdir()):
        made.update(path.read_bytes())
    return made.hexdigest()
