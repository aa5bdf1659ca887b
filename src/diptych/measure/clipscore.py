"""CLIPScore and RefCLIPScore over any embedder (Hessel et al., 2021, arXiv:2104.08718).

CLIPScore = 2.5 max(cos(picture, caption), 0); RefCLIPScore is its harmonic mean with max(max over references of cos(caption,
reference), 0). "A photo depicts " stands before captions and references for the model. The arithmetic is float64 on the host.
"""

import math
from collections.abc import Mapping, Sequence
from typing import cast

from diptych.data.errors import InputError
from diptych.measure.asking import ask_all, joined, said_failed
from diptych.measure.embeddings import CLIP_TOKENS, Pictures, embed_pictures, embed_texts, said_long
from diptych.measure.inputs import Candidates, References, aligned
from diptych.measure.intervals import RESAMPLES
from diptych.measure.rows import one_text
from diptych.measure.scores import Scored, scored
from diptych.models.abilities import Embedder, Failed, Matched, Matcher, MatchRequest

PROMPT = "A photo depicts "
WEIGHT = 2.5
_SLACK = 1e-3  # a cosine a model computed in half precision may lie this far outside [-1, 1]


def clipscore(
    candidates: Candidates, pictures: Pictures, *, model: Embedder | Matcher, prompt: str = PROMPT, weight: float = WEIGHT,
    scale: float = 1.0, limit: int | None = CLIP_TOKENS, seed: int = 0, resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """CLIPScore, 2.5 max(cos, 0), an image; equation 1.

    A `Matcher`'s score, divided by `scale` (100 for CLIP's logits), is taken for the cosine. A picture or caption that fails has no
    value (nan) and is counted. Empty captions are asked like any other and counted. `limit`: tokens that the encoder reads.
    Raises InputError for a caption without picture, or a matcher's score that is no cosine.
    """
    texts = texts_for(candidates, pictures)
    cosines, failures = _cosines(texts, pictures, model, prompt, scale)
    values = [weight * _positive(value) for value in cosines]
    how = joined(_named(prompt, weight), failures, said_long((prompt + text for text in texts.values()), limit), said_empty(texts))
    return scored("clipscore", tuple(texts), values, how=how, seed=seed, resamples=resamples)


def ref_clipscore(
    candidates: Candidates, references: References, pictures: Pictures, *, model: Embedder, prompt: str = PROMPT,
    weight: float = WEIGHT, limit: int | None = CLIP_TOKENS, seed: int = 0, resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """RefCLIPScore, the harmonic mean of CLIPScore and the best reference's cosine, an image; equation 2.

    Where one reference fails, the others stand for it; an image whose references all fail, or its picture or caption, has no value.
    """
    return clipscores(candidates, references, pictures, model=model, prompt=prompt, weight=weight, limit=limit, seed=seed,
                      resamples=resamples)[1]  # fmt: skip


def clipscores(
    candidates: Candidates, references: References, pictures: Pictures, *, model: Embedder, prompt: str = PROMPT,
    weight: float = WEIGHT, limit: int | None = CLIP_TOKENS, seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, Scored]:  # fmt: skip
    """CLIPScore and RefCLIPScore, with each picture and text embedded once for both."""
    lined = aligned(candidates, references)
    texts = texts_for(dict(zip(lined.ids, lined.candidates, strict=True)), pictures)
    shown = embed_pictures({id: pictures[id] for id in lined.ids}, model)
    told = embed_texts((*lined.candidates, *(text for row in lined.references for text in row)), model, prompt)
    image = [weight * _positive(shown.cosine(id, told, text)) for id, text in texts.items()]
    text = [_best([told.cosine(said, told, one) for one in known]) for said, known in zip(lined.candidates, lined.references, strict=True)]
    how = joined(_named(prompt, weight), shown.said("pictures"), told.said("texts"), said_long((prompt + t for t in told.of), limit),
                 said_empty(texts))  # fmt: skip
    return (
        scored("clipscore", lined.ids, image, how=how, seed=seed, resamples=resamples),
        scored("ref_clipscore", lined.ids, list(map(_harmonic, image, text)), how=how, seed=seed, resamples=resamples),
    )


def texts_for(candidates: Candidates, pictures: Mapping[str, object]) -> dict[str, str]:
    """One text an image that has a picture, by id (by place for a list). Raises InputError for a text without picture or no text."""
    texts = one_text(candidates)
    if missing := [id for id in texts if id not in pictures]:
        raise InputError(f"{len(missing)} of {len(texts)} captions have no picture, such as {missing[0]!r}: give it or leave them out")
    return texts


def said_empty(texts: Mapping[str, str]) -> str:
    """How many captions are empty, for a metric's `how`."""
    empty = sum(not text.strip() for text in texts.values())
    return f"{empty} of {len(texts)} captions empty, scored as they are" if empty else ""


def _cosines(
    texts: Mapping[str, str], pictures: Pictures, model: Embedder | Matcher, prompt: str, scale: float
) -> tuple[list[float], str]:  # fmt: skip
    if hasattr(model, "embed"):
        embedder = cast(Embedder, model)
        shown, told = embed_pictures({id: pictures[id] for id in texts}, embedder), embed_texts(texts.values(), embedder, prompt)
        return [shown.cosine(id, told, text) for id, text in texts.items()], joined(shown.said("pictures"), told.said("texts"))
    if not getattr(model, "cosines", True):
        raise InputError("clipscore is made of cosines, and this matcher gives probabilities: name the model as embedder instead")
    requests = [MatchRequest(pictures[id], prompt + text, record=id) for id, text in texts.items()]
    answers = ask_all(model.match, requests)
    errors = [answer.error for answer in answers if isinstance(answer, Failed)]
    return [_matched(answer, scale) for answer in answers], said_failed("matches", errors, len(answers))


def _matched(answer: Matched | Failed, scale: float) -> float:
    if isinstance(answer, Failed):
        return math.nan
    value = answer.score / scale
    if abs(value) > 1 + _SLACK:
        raise InputError(f"a matcher's score must be a cosine in [-1, 1] after division by scale={scale}, got {value}: set its scale")
    return value


def _positive(value: float) -> float:
    return value if math.isnan(value) else max(value, 0.0)


def _best(cosines: Sequence[float]) -> float:
    known = [value for value in cosines if not math.isnan(value)]
    return max(*known, 0.0) if known else math.nan


def _harmonic(one: float, other: float) -> float:
    if math.isnan(one) or math.isnan(other):
        return math.nan
    return 2 * one * other / (one + other) if one + other > 0 else 0.0


def _named(prompt: str, weight: float) -> str:
    return f"{weight:g} max(cos, 0), prompt {prompt!r}, float64"
