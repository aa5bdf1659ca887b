"""`rapidocr:`: printed words in photographs, by the models that the package rapidocr carries (PP-OCR: Latin and Chinese letters).

Du et al., 2020, arXiv:2009.09941: a net finds lines, one turns them upright, one reads them. Nothing is fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from diptych.data.errors import AddressError
from diptych.data.regions import Box
from diptych.models.abilities import Failed, Ocr, ReadRequest, Word, Words
from diptych.models.addresses import Address
from diptych.models.experts import installed, number, one_by_one, only
from diptych.models.reading_order import in_reading_order

OPTIONS: Mapping[str, str] = {"threads": "0"}
PARTS = {"Det": "_det", "Cls": "_cls", "Rec": "_rec"}  # by the package's name for it, what the file's name says


@dataclass(frozen=True, slots=True, eq=False)
class Rapid:
    """Lines of words in reading order with the reader's own confidence."""

    engine: Any

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]:
        """Each picture by itself."""
        return one_by_one(requests, self._read)

    def _read(self, request: ReadRequest) -> Words | Failed:
        pixels = np.asarray(request.picture.pil())[..., ::-1]  # the package takes blue, green, red
        try:
            seen = self.engine(np.ascontiguousarray(pixels))
        except Exception as error:  # whatever onnxruntime makes of an odd picture is that picture's alone
            return Failed(f"rapidocr cannot read the picture ({type(error).__name__}: {' '.join(str(error).split())[:200]})")
        if seen.boxes is None or seen.txts is None:
            return Words(())
        height, width = pixels.shape[:2]
        found = zip(seen.txts, seen.boxes, seen.scores, strict=True)
        return Words(in_reading_order(Word(text, _box(at, width, height), _unit(float(score))) for text, at, score in found))


def _box(corners_42: Any, width: int, height: int) -> Box:
    """Around the four corners of a line that may be slanted."""
    x_4, y_4 = np.asarray(corners_42, float)[:, 0] / width, np.asarray(corners_42, float)[:, 1] / height
    return Box(_unit(float(x_4.min())), _unit(float(y_4.min())), _unit(float(x_4.max())), _unit(float(y_4.max())))


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))


def open_rapidocr(address: Address, ability: type) -> Rapid:
    """The scheme of `rapidocr:`; `?threads=1` for one core, 0 for as many as there are. AddressError says what to install."""
    said = only(address, ability, (Ocr,), OPTIONS)
    threads = int(number(address, "threads", said["threads"], (0, 256))) or -1
    installed("rapidocr:", "onnxruntime")
    package = installed("rapidocr:", "rapidocr")
    runtime = "EngineConfig.onnxruntime"
    settings = {"Global.log_level": "critical", f"{runtime}.intra_op_num_threads": threads, f"{runtime}.inter_op_num_threads": threads}
    return Rapid(package.RapidOCR(params={**settings, **_carried(Path(package.__file__).parent / "models")}))


def _carried(folder: Path) -> dict[str, str]:
    """The models by name: what the package does not carry it would fetch."""
    found = {part: sorted(folder.glob(f"*{name}*.onnx")) for part, name in PARTS.items()}
    lacking = [part for part, files in found.items() if len(files) != 1]
    if lacking:
        raise AddressError(f"rapidocr: finds no model {PARTS[lacking[0]]} of its own in {folder}: pip install 'rapidocr>=3.10,<4'")
    return {f"{part}.model_path": str(files[0]) for part, files in found.items()}
