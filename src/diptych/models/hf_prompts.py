"""Chat requests as a model of transformers reads them: its own chat template, or the plain prompt where it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from diptych.data.errors import InputError
from diptych.models.abilities import ChatRequest

_PROBE = "Be brief."


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """`processor` prepares texts, and pictures where `sees`; `heeds` tells whether its template knows system prompts."""

    processor: Any
    sees: bool
    template: str
    heeds: bool

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, of the processor or itself."""
        return getattr(self.processor, "tokenizer", self.processor)

    def inputs(self, requests: Sequence[ChatRequest]) -> Any:
        """Tensors of a batch padded on the left, as `generate` takes them. All requests have as many pictures.

        Control words such as <|im_end|> or <image> within a request are read as plain text.
        """
        if not self.template:
            texts = [_joined(request) + "\n" for request in requests]
            return self.tokenizer(texts, padding=True, return_tensors="pt", split_special_tokens=True, return_token_type_ids=False)
        ways: dict[str, Any] = {"tokenize": True, "return_dict": True, "return_tensors": "pt", "add_generation_prompt": True}
        if "enable_thinking" in self.template:
            ways["enable_thinking"] = False
        ways |= {"processor_kwargs": {"padding": True}} if self.sees else {"padding": True}
        told = [self._conversation(request) for request in requests]
        try:
            return self.processor.apply_chat_template(told, sanitize_control_tokens=True, **ways)
        except NotImplementedError:
            # a template that writes no control words of its own has none to confuse
            return self.processor.apply_chat_template(told, **ways)

    def _conversation(self, request: ChatRequest) -> list[dict[str, Any]]:
        shown = [{"type": "image", "image": picture.pil()} for picture in request.pictures]
        apart = bool(request.system) and self.heeds
        before = [{"role": "system", "content": self._content([], request.system)}] if apart else []
        return [*before, {"role": "user", "content": self._content(shown, request.prompt if apart else _joined(request))}]

    def _content(self, shown: list[dict[str, Any]], text: str) -> Any:
        return [*shown, {"type": "text", "text": text}] if self.sees else text


def prompts_of(processor: Any, sees: bool) -> Prompts:
    """How to ask the model that a processor, or a tokenizer alone, belongs to. InputError for one that sees and has no template."""
    tokenizer = getattr(processor, "tokenizer", processor)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    found = getattr(processor, "chat_template", None) or getattr(tokenizer, "chat_template", None) or ""
    template = found.get("default", "") if isinstance(found, dict) else str(found)
    if sees and not template:
        raise InputError("it has no chat template")
    bare = Prompts(processor, sees, template, heeds=True)
    return Prompts(processor, sees, template, bool(template) and _heeds(bare))


def _heeds(prompts: Prompts) -> bool:
    # some templates refuse a system prompt, and others leave it out without a word
    told = prompts._conversation(ChatRequest("Hello.", system=_PROBE))
    try:
        return _PROBE in prompts.processor.apply_chat_template(told, tokenize=False, add_generation_prompt=True)
    except (TemplateError, ValueError, TypeError):
        return False


def _joined(request: ChatRequest) -> str:
    return "\n\n".join(part for part in (request.system, request.prompt) if part)
