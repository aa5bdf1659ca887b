"""OWL-ViT and OWLv2: open-vocabulary detection by the similarity of image patches and phrases.

Minderer et al., 2022, arXiv:2205.06230; Minderer, Gritsenko and Houlsby, 2023, arXiv:2306.09683.
"""

# B pictures, K patches, P phrases

from dataclasses import dataclass
from typing import Any

from transformers import AutoModelForZeroShotObjectDetection

from diptych.models.abilities import Detections, DetectRequest, Failed
from diptych.models.hf_boxes import Floats, corners, detections
from diptych.models.hf_loading import Place, model_of, processor_of
from diptych.models.hf_phrases import Asked, Found, Prompt, by_phrase
from diptych.models.hf_sight import LARGEST, Inputs, answered, moved, pixels_of
from diptych.models.hf_words import as_text


@dataclass(frozen=True, slots=True, eq=False)
class OwlDetector:
    """Boxes for phrases; a box's score for a phrase is the sigmoid of its similarity, whatever else is asked."""

    place: Place
    model: Any
    processor: Any
    square: bool  # the picture was padded on the right or below to a square, and boxes are fractions of that
    revision: str = ""

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Boxes for each request, best first; a phrase that the text model would cut short is left unjudged."""
        return by_phrase(requests, self._plan, lambda prompts: answered(prompts, self.place, self._prepared, self._found))

    def _plan(self, request: DetectRequest) -> Asked:
        phrases = tuple(dict.fromkeys(request.phrases))
        told = tuple(one for one in phrases if one.strip() and len(self.processor.tokenizer(one)["input_ids"]) <= self._length)
        return Asked((Prompt(request, told),) if told else (), tuple(one for one in phrases if one not in told))

    @property
    def _length(self) -> int:
        return int(self.model.config.text_config.max_position_embeddings)

    def _prepared(self, prompt: Prompt) -> Inputs:
        return pixels_of(self.processor.image_processor, prompt.request.picture, LARGEST)

    def _found(self, prompts: list[Prompt], inputs: Inputs) -> list[Found]:
        # the model wants one number of phrases for every picture: what fills up is not read
        most = max(len(prompt.phrases) for prompt in prompts)
        texts = [text for prompt in prompts for text in (*prompt.phrases, *[""] * (most - len(prompt.phrases)))]
        spelt = self.processor.tokenizer(texts, padding="max_length", max_length=self._length, return_tensors="pt")
        seen = self.model(**inputs, **{name: moved(spelt[name], self.place) for name in ("input_ids", "attention_mask")})
        scores_BKP = seen.logits.float().sigmoid().cpu().numpy()
        boxes_BK4 = seen.pred_boxes.float().cpu().numpy()
        return [
            detections(prompt.phrases, scores_BKP[n], self._corners(prompt, boxes_BK4[n]), prompt.request.threshold)
            for n, prompt in enumerate(prompts)
        ]

    def _corners(self, prompt: Prompt, boxes_K4: Floats) -> Floats:
        width, height = prompt.request.picture.width, prompt.request.picture.height
        longest = max(width, height)
        scale: Floats = corners(boxes_K4) * ([longest / width, longest / height] * 2 if self.square else 1)
        return scale


def made(place: Place, config: Any) -> OwlDetector:
    """The detector of a folder or a name."""
    model = model_of(place, AutoModelForZeroShotObjectDetection)
    return OwlDetector(place, model, as_text(processor_of(place)), config.model_type == "owlv2", place.commit)
