"""The `sim:` scheme: simulated experts by name."""

from collections.abc import Callable
from typing import Any

from diptych.data.errors import AddressError
from diptych.models.abilities import (
    Answerer,
    Captioner,
    ChatModel,
    Comparer,
    DepthEstimator,
    Detector,
    Embedder,
    Entailer,
    Judge,
    Matcher,
    Ocr,
    Painter,
    Segmenter,
)
from diptych.models.addresses import Address, Scheme
from diptych.world.experts_answerer import SimulatedAnswerer
from diptych.world.experts_captioner import SimulatedCaptioner
from diptych.world.experts_comparer import SimulatedComparer
from diptych.world.experts_depth import SimulatedDepth
from diptych.world.experts_detector import SimulatedDetector
from diptych.world.experts_embedder import SimulatedEmbedder
from diptych.world.experts_entailer import SimulatedEntailer
from diptych.world.experts_judge import SimulatedJudge
from diptych.world.experts_matcher import SimulatedMatcher
from diptych.world.experts_ocr import SimulatedOcr
from diptych.world.experts_painter import SimulatedPainter
from diptych.world.experts_reader import SimulatedReader
from diptych.world.experts_segmenter import SimulatedSegmenter
from diptych.world.lookup import Lookup
from diptych.world.rates import (
    AnswererRates,
    CaptionerRates,
    ComparerRates,
    DepthRates,
    DetectorRates,
    EmbedderRates,
    EntailerRates,
    JudgeRates,
    MatcherRates,
    OcrRates,
    PainterRates,
    ReaderRates,
    SegmenterRates,
    rates_of,
    voice_of,
)
from diptych.world.truth import Truths

SIMULATED: dict[str, tuple[Callable[..., Any], type, type]] = {
    "captioner": (SimulatedCaptioner, CaptionerRates, Captioner),
    "detector": (SimulatedDetector, DetectorRates, Detector),
    "answerer": (SimulatedAnswerer, AnswererRates, Answerer),
    "ocr": (SimulatedOcr, OcrRates, Ocr),
    "matcher": (SimulatedMatcher, MatcherRates, Matcher),
    "comparer": (SimulatedComparer, ComparerRates, Comparer),
    "judge": (SimulatedJudge, JudgeRates, Judge),
    "reader": (SimulatedReader, ReaderRates, ChatModel),
    "painter": (SimulatedPainter, PainterRates, Painter),
    "embedder": (SimulatedEmbedder, EmbedderRates, Embedder),
    "entailer": (SimulatedEntailer, EntailerRates, Entailer),
    "segmenter": (SimulatedSegmenter, SegmenterRates, Segmenter),
    "depth": (SimulatedDepth, DepthRates, DepthEstimator),
}


def schemes(truths: Truths, seed: int) -> dict[str, Scheme]:
    """What `models.addresses.open_model` needs to open `sim:` addresses: experts that read these truths, all draws under this seed."""
    lookup = Lookup(truths)

    def opened(address: Address, ability: type) -> Any:
        if address.name not in SIMULATED:
            known = ", ".join(f"sim:{name}" for name in SIMULATED)
            raise AddressError(f"there is no simulated expert {address.name!r}: it must be one of {known}")
        expert, table, able = SIMULATED[address.name]
        if ability is not able:
            raise AddressError(f"sim:{address.name} is no {ability.__name__}: name an expert that is one")
        rates: object = rates_of(address, table)
        return expert(lookup, rates, voice_of(address, rates, seed))

    return {"sim": opened}
