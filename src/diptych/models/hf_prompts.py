"""Chat requests as a model of transformers reads them: its own chat template, or the plain prompt where it has none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import TemplateError
from PIL import Image as Pillow

from diptych.data.errors import InputError
from diptych.data.opening import thumbnail
from diptych.data.pictures import Picture
from diptych.models.abilities import ChatRequest

SIDE = 1024  # as hosted models are sent pictures
_PROBE = "Be brief."


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """`processor` prepares texts, and pictures where `sees`.

    `heeds` tells whether the template knows system prompts, `guards` whether transformers itself reads control words such as <|im_end|>
    or <image> within a request as plain text; where it does not, they are broken up. Pictures whose longer side has more than `side`
    pixels are made smaller: some models spend words in proportion to pixels, and a photo would take more than ten thousand.
    """

    processor: Any
    sees: bool
    template: str
    side: int = SIDE
    heeds: bool = True
    guards: bool = True

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, of the processor or itself."""
        return getattr(self.processor, "tokenizer", self.processor)

    def inputs(self, requests: Sequence[ChatRequest]) -> Any:
        """Tensors of a batch padded on the left, as `generate` takes them. All requests have as many pictures."""
        if not self.template:
            texts = [_joined(request) + "\n" for request in requests]
            return self.tokenizer(texts, padding=True, return_tensors="pt", split_special_tokens=True, return_token_type_ids=False)
        ways: dict[str, Any] = {"tokenize": True, "return_dict": True, "return_tensors": "pt", "add_generation_prompt": True}
        if "enable_thinking" in self.template:
            ways["enable_thinking"] = False
        ways |= {"processor_kwargs": {"padding": True}} if self.sees else {"padding": True}
        ways |= {"sanitize_control_tokens": True} if self.guards else {}
        return self.processor.apply_chat_template([self.conversation(request) for request in requests], **ways)

    def conversation(self, request: ChatRequest) -> list[dict[str, Any]]:
        """Messages as chat templates take them."""
        shown = [{"type": "image", "image": thumbnail(picture, self.side)} for picture in request.pictures]
        apart = bool(request.system) and self.heeds
        before = [{"role": "system", "content": self._content([], request.system)}] if apart else []
        return [*before, {"role": "user", "content": self._content(shown, request.prompt if apart else _joined(request))}]

    def _content(self, shown: list[dict[str, Any]], text: str) -> Any:
        text = text if self.guards else self._broken(text)
        return [*shown, {"type": "text", "text": text}] if self.sees else text

    def _broken(self, text: str) -> str:
        for word in self.tokenizer.get_added_vocab():
            text = text.replace(word, f"{word[0]} {word[1:]}") if len(word) > 1 else text
        return text


def prompts_of(processor: Any, sees: bool, side: int = SIDE) -> Prompts:
    """How to ask the model that a processor, or a tokenizer alone, belongs to. InputError for one that sees and has no
    template, and for a template that fails.
    """
    tokenizer = getattr(processor, "tokenizer", processor)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    found = getattr(processor, "chat_template", None) or getattr(tokenizer, "chat_template", None) or ""
    template = found.get("default", "") if isinstance(found, dict) else str(found)
    if sees and not template:
        raise InputError("it has no chat template")
    bare = Prompts(processor, sees, template, side)
    try:
        return replace(bare, heeds=_heeds(bare), guards=_guards(bare)) if template else bare
    except TemplateError as error:
        raise InputError(f"its chat template fails ({str(error)[:100]})") from error


def _heeds(prompts: Prompts) -> bool:
    # some templates refuse a system prompt, and others leave it out without a word
    told = prompts.conversation(ChatRequest("Hello.", system=_PROBE))
    try:
        return _PROBE in prompts.processor.apply_chat_template(told, tokenize=False, add_generation_prompt=True)
    except (TemplateError, ValueError, TypeError):
        return False


def _guards(prompts: Prompts) -> bool:
    # not every processor can, nor a template that writes no control words
    shown = (Picture("", 64, 64, lambda: Pillow.new("RGB", (64, 64))),) if prompts.sees else ()
    try:
        prompts.inputs([ChatRequest("Hello.", shown)])
    except (NotImplementedError, ValueError):
        return False
    return True


def _joined(request: ChatRequest) -> str:
    return "\n\n".join(part for part in (request.system, request.prompt) if part)
