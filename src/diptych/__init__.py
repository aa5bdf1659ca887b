"""diptych: write captions, check them against the image, curate the pairs, train on them, measure both."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
# loaded when asked for, so that the command starts fast
_FACE = {
    "run": "diptych.lab.face",
    "read_run": "diptych.engine.reading",
    "open_source": "diptych.lab.face",
    "parse": "diptych.language.parse",
    "Record": "diptych.data.records",
    "Caption": "diptych.data.records",
    "Image": "diptych.data.records",
    "SceneGraph": "diptych.data.graphs",
    "Result": "diptych.data.results",
    "Effect": "diptych.data.results",
}
__all__ = [
    "Caption",
    "Effect",
    "Image",
    "Record",
    "Result",
    "SceneGraph",
    "__version__",
    "open_source",
    "parse",
    "read_run",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(f"diptych has no {name!r}: it has {', '.join(__all__)}")
    return getattr(import_module(_FACE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
