"""`hf:` depth: Depth Anything, DPT (MiDaS), GLPN.

Yang et al., 2024, arXiv:2401.10891 and arXiv:2406.09414; Ranftl et al., 2021, arXiv:2103.13413; Kim et al., 2022,
arXiv:2201.07436.
"""

# B pictures, H x W pixels

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoImageProcessor, AutoModelForDepthEstimation

from diptych.data.errors import AddressError
from diptych.models.abilities import Depth, DepthRequest, Failed
from diptych.models.hf_kinds import METRES, NEARNESS
from diptych.models.hf_loading import Place, config_of, model_of, processor_of
from diptych.models.hf_sight import LARGEST, Inputs, answered, pixels_of, within

UNUSED = ("fusion_stage.layers.0.residual_layer1",)  # the first of the fusing layers has nothing to add; MiDaS's DPTs leave it out
MAP = 1024  # pixels of the longer side of a map


@dataclass(frozen=True, slots=True, eq=False)
class HfDepth:
    """Depth of the picture's pixels, stretched from 0 nearest to 1 farthest; a picture without depth is 0 everywhere.

    Of a picture with a side longer than `MAP` the map is smaller, of the same shape.
    """

    place: Place
    model: Any
    processor: Any
    nearness: bool  # the model's numbers grow towards the camera
    revision: str = ""

    def depth(self, requests: list[DepthRequest]) -> list[Depth | Failed]:
        """A map for each request."""
        return answered(requests, self.place, self._prepared, self._maps)

    def _prepared(self, request: DepthRequest) -> Inputs:
        return pixels_of(self.processor, request.picture, LARGEST)

    def _maps(self, requests: list[DepthRequest], inputs: Inputs) -> list[Depth]:
        outputs = self.model(**inputs)
        outputs.predicted_depth = outputs.predicted_depth.float()
        sizes = [within((one.picture.height, one.picture.width), MAP) for one in requests]
        made = self.processor.post_process_depth_estimation(outputs, target_sizes=sizes)
        # post-processing drops sides of one pixel
        maps = [one["predicted_depth"].cpu().numpy().reshape(size) for one, size in zip(made, sizes, strict=True)]
        return [Depth(stretched(one, self.nearness)) for one in maps]


def stretched(map_HW: NDArray[np.float32], nearness: bool) -> NDArray[np.float32]:
    """From 0 nearest to 1 farthest."""
    low, high = float(map_HW.min()), float(map_HW.max())
    if not high > low:
        return np.zeros_like(map_HW, np.float32)
    far: NDArray[np.float32] = ((map_HW - low) / (high - low)).astype(np.float32)
    return 1 - far if nearness else far


def opened(place: Place, ability: type) -> HfDepth:
    """A depth estimator; AddressError for an architecture of which it is not known which way its numbers grow."""
    config, place = config_of(place), place.exact
    if config.model_type not in NEARNESS + METRES:
        raise AddressError(f"{place.said} is no {ability.__name__}: a {config.model_type} is none of {', '.join(NEARNESS + METRES)}")
    nearness = config.model_type in NEARNESS and getattr(config, "depth_estimation_type", "relative") != "metric"
    model = model_of(place, AutoModelForDepthEstimation, may_lack=UNUSED)
    return HfDepth(place, model, processor_of(place, AutoImageProcessor), nearness, place.commit)
