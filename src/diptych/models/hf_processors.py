"""Processors of transformers without torchvision, which only their video parts need: they are put together without one."""

import json
from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoImageProcessor, AutoProcessor, AutoTokenizer
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING, processor_class_from_name
from transformers.utils import cached_file

from diptych.models.hf_places import Place

_TOLD_IN = ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json")
_PARTS = {"tokenizer": AutoTokenizer, "image_processor": AutoImageProcessor}


def assembled(place: Place, kind: Any) -> Any:
    """`kind.from_pretrained`; where that asks for torchvision in vain, the same processor without its video part."""
    where: dict[str, Any] = {"revision": place.revision}
    try:
        return kind.from_pretrained(place.name, trust_remote_code=False, **where)
    except (ImportError, ValueError, OSError) as error:
        said = str(error).lower()
        if kind is not AutoProcessor or not ("torchvision" in said or "video" in said):
            raise
    found = _class_of(place, where)
    silent: Any = type(found.__name__, (_Silent, found), {"__module__": found.__module__})
    told, more = found.get_processor_dict(place.name, revision=place.revision)
    parts = [
        _PARTS[name].from_pretrained(place.name, trust_remote_code=False, **where) if name in _PARTS else None
        for name in found.get_attributes()
    ]
    made = silent.from_args_and_dict(parts, told, **more)
    for name in set(found.get_attributes()) - set(_PARTS):
        setattr(made, name, _Left())
    return made


class _Left:
    """Stands for a part that is left out, none of whose settings are set."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class _Silent:
    """Lets a processor do without a part, which nobody asks of it."""

    def check_argument_for_proper_class(self, name: str, argument: Any) -> Any:
        """The class a part must be of; none is asked of a part that is left out."""
        return None if argument is None else super().check_argument_for_proper_class(name, argument)  # type: ignore[misc]


def _class_of(place: Place, where: dict[str, Any]) -> Any:
    for name in _TOLD_IN:
        path = cached_file(place.name, name, revision=place.revision, _raise_exceptions_for_missing_entries=False)
        if path is not None and (told := json.loads(Path(path).read_text(encoding="utf-8")).get("processor_class")):
            return processor_class_from_name(told)
    return PROCESSOR_MAPPING[type(AutoConfig.from_pretrained(place.name, trust_remote_code=False, **where))]
