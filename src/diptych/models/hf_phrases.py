"""What detectors of phrases share: a request is put to the model in one prompt or several, and its boxes are brought together again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diptych.models.abilities import Detection, Detections, DetectRequest, Failed

NO_PHRASES = Failed("this detector finds only what it is asked for: ask for phrases, or name a detector of classes such as an rt_detr")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request with those of its phrases that the model is asked for at once."""

    request: DetectRequest
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's prompts, and the phrases that the model cannot be asked for: too long, or without a word."""

    prompts: tuple[Prompt, ...]
    unjudged: tuple[str, ...] = ()


Found = tuple[Detection, ...]


def by_phrase(
    requests: Sequence[DetectRequest], plan: Callable[[DetectRequest], Asked], ask: Callable[[list[Prompt]], list[Found | Failed]]
) -> list[Detections | Failed]:
    """Boxes for each request, best first; a request without phrases fails, for such models know no list of things."""
    plans = [plan(request) for request in requests]
    given = iter(ask([prompt for one in plans for prompt in one.prompts]))
    answers: list[Detections | Failed] = []
    for request, one in zip(requests, plans, strict=True):
        parts = [next(given) for _ in one.prompts]
        answers.append(_whole(parts, one.unjudged) if request.phrases else NO_PHRASES)
    return answers


def _whole(parts: Sequence[Found | Failed], unjudged: tuple[str, ...]) -> Detections | Failed:
    found: list[Detection] = []
    for part in parts:
        if isinstance(part, Failed):
            return part
        found.extend(part)
    return Detections(tuple(sorted(found, key=lambda one: -one.score)), unjudged)
