"""`hf:` painters: text-to-image pipelines of diffusers (the extra `paint`). Rombach et al., 2021, arXiv:2112.10752."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image as Pillow
from transformers.utils import logging

from diptych.data.draws import digest
from diptych.data.errors import AddressError
from diptych.data.opening import picture_of
from diptych.models.abilities import Failed, Painted, PaintRequest
from diptych.models.folders import without_bars
from diptych.models.hf_loading import Place, in_batches

OPTIONS = ("steps", "guidance")  # of an address, beside those of every model
LIBRARIES = ("diffusers", "transformers")  # whose classes a pipeline may be made of
LARGEST = 4096  # pixels of a side
BLANKED = Failed("the painter's own safety checker blanked the picture: word the text otherwise, or leave the row out")


@dataclass(frozen=True, slots=True, eq=False)
class HfPainter:
    """Paints at the pipeline's own size, then brings the picture to the size asked for. The noise hangs on text and draw alone."""

    place: Place
    pipeline: Any
    settings: Mapping[str, float]
    revision: str = ""

    def paint(self, requests: list[PaintRequest]) -> list[Painted | Failed]:
        """A picture for each request; its key is the sha256 of its PNG."""
        good = [request for request in requests if 1 <= request.size <= LARGEST]
        given = iter(in_batches(good, self.place.batch, self._some))
        return [next(given) if 1 <= one.size <= LARGEST else _off(one) for one in requests]

    @torch.inference_mode()
    def _some(self, requests: Sequence[PaintRequest]) -> list[Painted | Failed]:
        noise = [torch.Generator("cpu").manual_seed(seed(request)) for request in requests]
        with without_bars():
            made = self.pipeline(prompt=[request.text for request in requests], generator=noise, **self.settings)
        blanked = getattr(made, "nsfw_content_detected", None) or [False] * len(requests)
        return [
            BLANKED if bad else Painted(picture_of(png(image, request.size), f"a painting by {self.place.said}"))
            for request, image, bad in zip(requests, made.images, blanked, strict=True)
        ]


def seed(request: PaintRequest) -> int:
    """Of the noise: the same text painted twice with one draw begins alike."""
    return int.from_bytes(digest("paint", request.text, request.draw)[:7], "little")


def png(image: Pillow.Image, size: int) -> bytes:
    """The picture's file, `size` pixels on each side."""
    held = io.BytesIO()
    shown = image.convert("RGB")
    (shown if shown.size == (size, size) else shown.resize((size, size), Pillow.Resampling.LANCZOS)).save(held, "PNG")
    return held.getvalue()


def _off(request: PaintRequest) -> Failed:
    return Failed(f"size must lie in [1, {LARGEST}] pixels, got {request.size}")


def opened(place: Place, ability: type) -> HfPainter:
    """A painter; AddressError where diffusers is missing, or the folder is no pipeline of it that paints texts."""
    try:
        import diffusers  # noqa: PLC0415 - an extra of its own
    except ImportError as error:
        raise AddressError(f"{place.said} needs diffusers to paint: pip install 'diptych[paint]'") from error
    settings = _settings(place)
    diffusers.utils.logging.disable_progress_bar()
    with _told(place, ability), _quiet(), without_bars():
        _refuse_parts(place, diffusers)
        pipeline = diffusers.AutoPipelineForText2Image.from_pretrained(
            place.name, revision=place.revision, dtype=place.dtype, use_safetensors=True, trust_remote_code=False
        )
    pipeline.set_progress_bar_config(disable=True)
    return HfPainter(place, pipeline.to(place.device), settings, place.commit)


@contextmanager
def _quiet() -> Iterator[None]:
    """Within, nothing is said of torchvision, which diffusers' own imports miss and nothing here needs."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


@contextmanager
def _told(place: Place, ability: type) -> Iterator[None]:
    try:
        yield
    except AddressError:
        raise
    except (OSError, ValueError, KeyError, AttributeError, ImportError, TypeError, RuntimeError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
        raise AddressError(
            f"{place.said} does not open as a {ability.__name__} ({why}): name a text-to-image pipeline of diffusers"
        ) from error


def _refuse_parts(place: Place, diffusers: Any) -> None:
    """AddressError for parts with code of their own, and for a folder's weights in pickles."""
    parts = diffusers.DiffusionPipeline.load_config(place.name, revision=place.revision)
    for name, part in parts.items():
        if name.startswith("_") or not isinstance(part, list | tuple) or part[0] is None:
            continue
        if part[0] not in LIBRARIES and not hasattr(diffusers.pipelines, str(part[0])):
            raise AddressError(f"{place.said}: its {name} needs code of its own ({part[0]}), which never runs: name a pipeline without")
        files = [path.suffix for path in (place.folder / name).glob("*.*")] if place.folder else []
        if {".bin", ".pt", ".ckpt", ".pth"} & set(files) and ".safetensors" not in files:
            raise AddressError(f"{place.said} keeps its {name} as a pickle, which is never opened: name a folder with safetensors")


def _settings(place: Place) -> dict[str, float]:
    found: dict[str, float] = {}
    if steps := place.own.get("steps", ""):
        if not steps.isdecimal() or not 1 <= int(steps) <= 1000:
            raise AddressError(f"{place.said}: steps must be a whole number from 1 to 1000, got {steps!r}")
        found["num_inference_steps"] = int(steps)
    if guidance := place.own.get("guidance", ""):
        try:
            found["guidance_scale"] = float(guidance)
        except ValueError:
            found["guidance_scale"] = -1.0
        if not 0 <= found["guidance_scale"] <= 100:
            raise AddressError(f"{place.said}: guidance must be a number from 0 to 100, got {guidance!r}")
    return found
