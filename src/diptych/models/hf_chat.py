"""Chat models of transformers, those that see pictures and those of words alone, and in the roles that `chat_as` knows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from weakref import WeakValueDictionary

from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
)

from diptych.data.draws import digest
from diptych.data.errors import AddressError, InputError
from diptych.models.abilities import ChatRequest, Failed, Replied
from diptych.models.chat_as import chat_as
from diptych.models.folders import stamp
from diptych.models.hf_apart import apart
from diptych.models.hf_generating import Ask, endings, generated, settle
from diptych.models.hf_json import Schemas, is_json
from diptych.models.hf_loading import Place, Room, config_of, in_batches, model_of, processor_of
from diptych.models.hf_prompts import SIDE, Prompts, prompts_of

OPTIONS = ("side",)  # of an address, beside those of every model
CAPTIONERS = ("blip", "blip-2", "git", "paligemma", "vision-encoder-decoder", "florence2")  # they write, but not what one asks for


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class HfChat:
    """Greedy at temperature 0, whatever the draw; else each draw hangs on what is asked and its number alone.

    `longest` is how many words of prompt and reply together the model takes, 0 where it does not say.
    """

    model: Any
    prompts: Prompts
    schemas: Schemas
    batch: Room
    longest: int
    revision: str
    spent: Counter[str] = field(default_factory=Counter)

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        """A reply each; requests with as many pictures and of like length go together."""
        found: dict[int, Replied | Failed] = {}
        order = sorted(range(len(requests)), key=lambda n: (len(requests[n].pictures), len(requests[n].prompt)))
        for pictures, group in groupby(order, key=lambda n: len(requests[n].pictures)):
            part = list(group)
            if pictures and not self.prompts.sees:
                found |= dict.fromkeys(part, Failed("the model reads words alone: name one that sees pictures"))
                continue
            answers = in_batches([requests[n] for n in part], self.batch, lambda some: apart(self._some, some))
            found |= zip(part, answers, strict=True)
        return [found[n] for n in range(len(requests))]

    def _some(self, requests: Sequence[ChatRequest]) -> list[Replied | Failed]:
        rules = [self.schemas.rule(request.schema) if request.schema else None for request in requests]
        inputs = self.prompts.inputs(requests)
        lengths = inputs["attention_mask"].sum(1).tolist()
        if (most := self.longest) and max(lengths) >= most:
            raise InputError(f"the prompt has {max(lengths)} tokens, and the model takes {most} with the reply: shorten it")
        asks = [
            Ask(_key(request), request.temperature, min(request.tokens, most - length if most else request.tokens), rule)
            for request, length, rule in zip(requests, lengths, rules, strict=True)
        ]
        if most and len(requests) > 1 and max(lengths) + max(ask.tokens for ask in asks) > most:
            # a row that is full goes on with padding while others write, and would leave the positions that the model has
            middle = len(requests) // 2
            return self._some(requests[:middle]) + self._some(requests[middle:])
        made = generated(self.model, inputs, asks, self.schemas.ends)
        self.spent.update({"tokens in": sum(lengths), "tokens out": sum(map(len, made))})
        return [self._reply(request, ids) for request, ids in zip(requests, made, strict=True)]

    def _reply(self, request: ChatRequest, ids: list[int]) -> Replied | Failed:
        text = spoken(self.prompts.tokenizer.decode(ids, skip_special_tokens=True), "<think>" in self.prompts.template)
        if not text:
            self.spent["empty answers"] += 1
            return Failed("it wrote nothing")
        if request.schema and not is_json(text):
            return Failed(f"its JSON was not whole after {len(ids)} tokens: allow more")
        return Replied(text)


def opened(place: Place, ability: type) -> Any:
    """The chat model in the role asked for; AddressError where it has none. Its weights are loaded once for all its roles."""
    known = (place.name, place.revision, place.device, place.dtype, place.batch.size, _side(place), stamp(place.name))
    chat = _OPEN.get(known)
    if chat is None:
        _OPEN[known] = chat = chat_of(place)
    return chat_as(chat, ability)


# while somebody holds it
_OPEN: WeakValueDictionary[tuple[Any, ...], HfChat] = WeakValueDictionary()


def chat_of(place: Place) -> HfChat:
    """The chat model; AddressError for one that does not write what it is asked."""
    config = config_of(place)
    if config.model_type in CAPTIONERS:
        raise AddressError(f"{place.said} is of type {config.model_type}, which takes no prompts: it serves as Captioner alone")
    sees = type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    if not sees and type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise AddressError(f"{place.said} is of type {config.model_type}, which writes no text: name a chat model")
    processor = processor_of(place, AutoProcessor if sees else AutoTokenizer)
    try:
        prompts = prompts_of(processor, sees, _side(place))
    except InputError as error:
        raise AddressError(f"{place.said} cannot be asked, {error}: name a chat model") from error
    model = settle(model_of(place, AutoModelForImageTextToText if sees else AutoModelForCausalLM))
    told = config.get_text_config()
    schemas = Schemas(prompts.tokenizer, told.vocab_size, _ends(model, prompts.tokenizer))
    return HfChat(model, prompts, schemas, place.batch, getattr(told, "max_position_embeddings", 0) or 0, place.commit)


def spoken(text: str, thinks: bool = False) -> str:
    """What was said aloud: without the thoughts that some models write before it, and `thinks` where their beginning is in the prompt."""
    before, thought, after = text.partition("</think>")
    return (after if thought and (thinks or before.lstrip().startswith("<think>")) else text).strip()


def _side(place: Place) -> int:
    asked = place.own.get("side", str(SIDE))
    if not asked.isdecimal() or not 28 <= int(asked) <= 8192:
        raise AddressError(f"{place.said}: side must be a whole number of pixels from 28 to 8192, got {asked!r}")
    return int(asked)


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """The model's ends; a checkpoint that names none gets its tokenizer's."""
    if model.generation_config.eos_token_id is None:
        model.generation_config.eos_token_id = tokenizer.eos_token_id
        model.generation_config.pad_token_id = tokenizer.pad_token_id
    return endings(model.generation_config.eos_token_id)


def _key(request: ChatRequest) -> str:
    keys = [picture.key for picture in request.pictures]
    return digest(request.system, request.prompt, request.schema, *keys, request.draw).hex()
