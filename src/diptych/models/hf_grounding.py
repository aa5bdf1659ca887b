"""Grounding DINO: boxes that attend to the words of a prompt. Liu et al., 2023, arXiv:2303.05499; Zhao et al., 2024, arXiv:2401.02361."""

# B pictures, K boxes, T tokens, P phrases

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForZeroShotObjectDetection

from diptych.models.abilities import Detections, DetectRequest, Failed
from diptych.models.hf_boxes import corners, detections
from diptych.models.hf_loading import Place, model_of, processor_of
from diptych.models.hf_phrases import Asked, Found, Prompt, by_phrase
from diptych.models.hf_sight import Inputs, answered, pixels_of
from diptych.models.hf_words import as_text

_CUT = str.maketrans(".?;[]", "     ")  # what ends a phrase for this model, and what its tokenizer's own marks are written with


@dataclass(frozen=True, slots=True, eq=False)
class GroundingDetector:
    """Boxes for phrases. A box's score for a phrase is the mean over the phrase's tokens, as the authors' code scores classes.

    (transformers' post-processing takes the best token of all, for which a dog is as good as a brown dog.)
    """

    place: Place
    model: Any
    processor: Any
    revision: str = ""

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Boxes for each request, best first. Phrases that do not fit into one prompt are asked in several."""
        return by_phrase(requests, self._plan, lambda prompts: answered(prompts, self.place, self._prepared, self._found))

    def _plan(self, request: DetectRequest) -> Asked:
        room = int(self.model.config.max_text_len) - 2
        groups: list[list[str]] = []
        unjudged: list[str] = []
        left = 0
        for phrase in dict.fromkeys(request.phrases):
            length = len(self._ids(phrase)) + 1
            if length == 1 or length > room:
                unjudged.append(phrase)
                continue
            if length > left:
                groups.append([])
                left = room
            groups[-1].append(phrase)
            left -= length
        return Asked(tuple(Prompt(request, tuple(group)) for group in groups), tuple(unjudged))

    def _ids(self, phrase: str) -> list[int]:
        ids: list[int] = self.processor.tokenizer(phrase.translate(_CUT).strip().lower(), add_special_tokens=False)["input_ids"]
        return ids

    def _prepared(self, prompt: Prompt) -> Inputs:
        return pixels_of(self.processor.image_processor, prompt.request.picture)

    def _found(self, prompts: list[Prompt], inputs: Inputs) -> list[Found]:
        ids_BT, spans = self._spelt(prompts)
        words = {"input_ids": ids_BT, "attention_mask": (ids_BT != self._pad).long(), "token_type_ids": torch.zeros_like(ids_BT)}
        seen = self.model(**inputs, **{name: value.to(self.place.device) for name, value in words.items()})
        chances_BKT = seen.logits.float().sigmoid().cpu().numpy()
        boxes_BK4 = seen.pred_boxes.float().cpu().numpy()
        found: list[Found] = []
        for n, prompt in enumerate(prompts):
            scores_KP = np.stack([chances_BKT[n][:, first:last].mean(1) for first, last in spans[n]], 1)
            found.append(detections(prompt.phrases, scores_KP, corners(boxes_BK4[n]), prompt.request.threshold))
        return found

    @property
    def _pad(self) -> int:
        return int(self.processor.tokenizer.pad_token_id)

    def _spelt(self, prompts: list[Prompt]) -> tuple[torch.Tensor, list[list[tuple[int, int]]]]:
        """`[CLS] a dog . a cat . [SEP]` for each prompt, and where its phrases stand."""
        tokenizer = self.processor.tokenizer
        end = tokenizer.convert_tokens_to_ids(".")
        rows: list[list[int]] = []
        spans: list[list[tuple[int, int]]] = []
        for prompt in prompts:
            row, places = [tokenizer.cls_token_id], []
            for phrase in prompt.phrases:
                ids = self._ids(phrase)
                places.append((len(row), len(row) + len(ids)))
                row += [*ids, end]
            rows.append([*row, tokenizer.sep_token_id])
            spans.append(places)
        most = max(map(len, rows))
        return torch.tensor([row + [self._pad] * (most - len(row)) for row in rows]), spans


def made(place: Place, config: Any) -> GroundingDetector:
    """The detector of a folder or a name."""
    return GroundingDetector(place, model_of(place, AutoModelForZeroShotObjectDetection), as_text(processor_of(place)), place.commit)
