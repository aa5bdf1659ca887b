"""Detectors of the classes they were trained on: DETR and its kin.

Carion et al., 2020, arXiv:2005.12872; Zhao et al., 2023, arXiv:2304.08069.
"""

# B pictures, K boxes

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transformers import AutoImageProcessor, AutoModelForObjectDetection

from diptych.data.regions import Box
from diptych.language.wordnet import same_thing
from diptych.models.abilities import Detection, Detections, DetectRequest, Failed
from diptych.models.hf_boxes import MOST
from diptych.models.hf_loading import Place, model_of, processor_of
from diptych.models.hf_sight import Inputs, answered, pixels_of


@dataclass(frozen=True, slots=True, eq=False)
class ClassDetector:
    """Boxes of whatever there is; for phrases, those whose class names the same thing. Phrases that no class names are left unjudged."""

    place: Place
    model: Any
    processor: Any
    classes: Mapping[int, str]
    revision: str = ""

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Boxes for each request, best first."""
        return answered(requests, self.place, self._prepared, self._found)

    def _prepared(self, request: DetectRequest) -> Inputs:
        return pixels_of(self.processor, request.picture)

    def _found(self, requests: list[DetectRequest], inputs: Inputs) -> list[Detections]:
        outputs = self.model(**inputs)
        # with a target size of one pixel boxes are fractions
        seen = self.processor.post_process_object_detection(outputs, threshold=0.0, target_sizes=[(1, 1)] * len(requests))
        return [self._told(request, one) for request, one in zip(requests, seen, strict=True)]

    def _told(self, request: DetectRequest, seen: Any) -> Detections:
        rows = zip(seen["scores"].tolist(), seen["labels"].tolist(), seen["boxes"].float().clamp(0, 1).tolist(), strict=True)
        best = sorted((row for row in rows if row[0] >= request.threshold), key=lambda row: -row[0])[:MOST]
        found = [Detection(self.classes[label], Box(*box), score) for score, label, box in best]
        if not request.phrases:
            return Detections(tuple(found))
        phrases = tuple(dict.fromkeys(request.phrases))
        asked = tuple(Detection(phrase, one.box, one.score) for one in found for phrase in phrases if same_thing(phrase, one.phrase))
        return Detections(asked, tuple(phrase for phrase in phrases if not any(same_thing(phrase, name) for name in self.classes.values())))


def made(place: Place, config: Any) -> ClassDetector:
    """The detector of a folder or a name."""
    names = {int(number): str(name).lower() for number, name in config.id2label.items()}
    return ClassDetector(place, model_of(place, AutoModelForObjectDetection), processor_of(place, AutoImageProcessor), names, place.commit)
