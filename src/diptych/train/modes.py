"""Who may read what a training writes."""

from contextlib import suppress
from pathlib import Path


def opened_up(path: Path) -> None:
    """Gives a file the mode of any other new file beside it: safetensors leaves its own to their owner alone, whatever the umask."""
    probe = path.with_name(f".{path.name}.mode")  # to ask for the umask itself is to set it, for all threads
    with suppress(OSError):  # a file system without modes
        try:
            probe.touch()
            path.chmod(probe.stat().st_mode & 0o777)
        finally:
            probe.unlink(missing_ok=True)
