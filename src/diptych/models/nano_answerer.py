"""`nano:answerer`: yes, no, a number or a word for a question about a picture."""

from dataclasses import dataclass

from torch import Tensor

from diptych.models.abilities import Answered, AskRequest, Failed
from diptych.models.answerer_head import AnswererModel
from diptych.models.nano_asked import seen
from diptych.models.nano_sight import load, spelt, words

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class NanoAnswerer:
    """The likeliest of its answers, with its probability; "unknown" where the question holds a word that the world has not."""

    model: AnswererModel

    def answer(self, requests: list[AskRequest]) -> list[Answered | Failed]:
        """An answer to each question; draws and temperature change nothing."""
        return seen(requests, lambda request: request.picture, lambda request: None, self._some)

    def _some(self, requests: list[AskRequest], tokens_BMC: Tensor) -> list[Answered]:
        ids_BT, mask_BT = spelt([request.question for request in requests], self.model.config.length)
        chances_BA = self.model(ids_BT, mask_BT, tokens_BMC).softmax(-1)
        best = chances_BA.max(-1)
        strange = (ids_BT == words().unk_token_id).any(-1).tolist()
        return [
            Answered(UNKNOWN, 0.0) if odd else Answered(self.model.config.answers[number], chance)
            for odd, number, chance in zip(strange, best.indices.tolist(), best.values.tolist(), strict=True)
        ]


def answerer() -> NanoAnswerer:
    """The one shipped."""
    return NanoAnswerer(load(AnswererModel, "answerer"))
