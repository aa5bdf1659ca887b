"""True captions of a picture by style, each with the graph that it was made from."""

from collections.abc import Mapping
from dataclasses import replace

from diptych.data.draws import Key
from diptych.data.errors import InputError
from diptych.data.regions import Box
from diptych.world.experts_captioner import SimulatedCaptioner
from diptych.world.grammar import Said
from diptych.world.latents import Voice
from diptych.world.lookup import Lookup, know
from diptych.world.noise import alt
from diptych.world.phrasing import PhrasingSet
from diptych.world.rates import CaptionerRates
from diptych.world.truth import Truth

_TRUE = CaptionerRates(recall=1, count_recall=1, hallucination=0, attribute_error=0, count_error=0, relation_error=0)
# what each style tells of the things that it names
TOLD: Mapping[str, CaptionerRates] = {
    "short": replace(_TRUE, colour_recall=0.8, relation_recall=0.3),
    "dense": replace(_TRUE, colour_recall=1, size_recall=1, material_recall=1, text_recall=1, relation_recall=0.7),
    "spatial": replace(_TRUE, spatial_recall=1),
    "region": replace(_TRUE, colour_recall=1, size_recall=1, material_recall=1),
}


def describe(
    truth: Truth, style: str, *, keys: tuple[Key, ...], share: float = 1.0, region: Box | None = None, phrasings: PhrasingSet = "seen"
) -> Said:
    """A true caption that names a share of the nouns; of the object in the box, or of the largest, in the style `region`."""
    if style == "alt":
        made = alt(truth, noise=0.0, keys=keys, phrasings=phrasings)
        return Said(made.text, made.graph)
    if style not in TOLD:
        raise InputError(f"style must be one of alt, {', '.join(TOLD)}, got {style!r}")
    rates = replace(TOLD[style], recall=share, held_out=float(phrasings == "held_out"))
    voice = Voice(0, f"truth {keys}", "truth", 0.0, 0.0)
    return SimulatedCaptioner(Lookup({}), rates, voice).said(know(truth), style, region)
