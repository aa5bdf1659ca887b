"""Entailers of transformers: classifiers of pairs of texts by the names of their own labels, and chat models in that role."""

# B pairs, L labels

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from diptych.data.errors import AddressError
from diptych.models.abilities import Entailed, Entailer, EntailRequest, Failed
from diptych.models.hf_loading import Place, config_of, model_of, processor_of
from diptych.models.hf_words import as_text, by_length, read_as, room_of, too_long, unreadable

Label = Literal["entailed", "contradicted", "neutral"]
# what labels are called in published folders, in small letters without punctuation
_NAMES: Mapping[str, Label] = {
    "entailment": "entailed",
    "entailed": "entailed",
    "entail": "entailed",
    "contradiction": "contradicted",
    "contradicted": "contradicted",
    "contradict": "contradicted",
    "neutral": "neutral",
    "notentailment": "neutral",  # of two labels: that nothing is said says less than that the contrary is
    "notentailed": "neutral",
}


def opened(place: Place, ability: type) -> Entailer:
    """A classifier of pairs, else a chat model as Entailer; AddressError for labels that are not those of entailment."""
    config = config_of(place)
    if any(name.endswith("ForSequenceClassification") for name in config.architectures or ()):
        place, labels = place.exact, labels_of(place, config)
        model, tokenizer = model_of(place, AutoModelForSequenceClassification), as_text(processor_of(place, AutoTokenizer))
        return PairClassifier(place, model, tokenizer, labels, place.commit)
    from diptych.models import hf_chat  # noqa: PLC0415 - only chat models need it

    return hf_chat.opened(place, ability)


def labels_of(place: Place, config: Any) -> tuple[Label, ...]:
    """What each output of the classifier says, by the names in config.id2label, whatever their order."""
    named = [str(config.id2label[n]) for n in range(len(config.id2label))]
    found = [_NAMES.get("".join(filter(str.isalpha, name.lower()))) for name in named]
    labels = tuple(one for one in found if one)
    if len(labels) != len(named) or len(set(labels)) != len(labels) or "entailed" not in labels:
        raise AddressError(
            f"{place.said} has the labels {', '.join(named)}, which are not those of entailment: "
            "its config.id2label must name entailment, contradiction and neutral, or entailment and not_entailment"
        )
    return labels


@dataclass(frozen=True, slots=True, eq=False)
class PairClassifier:
    """Premise and hypothesis read as one pair; the score is the label's probability. A pair beyond the model's room fails."""

    place: Place
    model: Any
    tokenizer: Any
    labels: tuple[Label, ...]
    revision: str = ""

    def entail(self, requests: list[EntailRequest]) -> list[Entailed | Failed]:
        """The likeliest label each; equal pairs are read once."""
        asked = list(dict.fromkeys(requests))
        found = dict(zip(asked, by_length(asked, self.place, lambda one: len(one.premise) + len(one.hypothesis), self._some), strict=True))
        return [found[one] for one in requests]

    def _some(self, requests: Sequence[EntailRequest]) -> list[Entailed | Failed]:
        found = [self._unasked(one) for one in requests]
        good = [one for one, why in zip(requests, found, strict=True) if why is None]
        given = iter(self._labelled(self._read(good)) if good else ())
        return [next(given) if why is None else why for why in found]

    def _unasked(self, request: EntailRequest) -> Failed | None:
        """Why a pair is not asked about."""
        if why := unreadable(request.premise, request.hypothesis):
            return why
        tokens = len(self.tokenizer(request.premise, request.hypothesis)["input_ids"])
        return too_long(tokens, room_of(self.tokenizer, self.model.config), "premise and hypothesis are a pair")

    def _read(self, requests: Sequence[EntailRequest]) -> Tensor:
        pairs = ([one.premise for one in requests], [one.hypothesis for one in requests])
        made = self.tokenizer(*pairs, return_tensors="pt", padding=True)
        return self.model(**read_as(made, self.place)).logits.float().softmax(-1)

    def _labelled(self, odds_BL: Tensor) -> list[Entailed]:
        return [Entailed(self.labels[int(n)], float(odds_L[n])) for odds_L, n in zip(odds_BL, odds_BL.argmax(-1), strict=True)]
