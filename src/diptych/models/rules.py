"""`rules:`: language without a model. It writes scene graphs, edits captions, and reads one text for what another says."""

from typing import Any

from diptych.data.errors import AddressError
from diptych.language.edit import edit
from diptych.language.entail import Index
from diptych.language.parse import parse
from diptych.language.realise import STYLES, realise
from diptych.models.abilities import Entailed, Entailer, EntailRequest, Failed, Writer, WriteRequest, Written
from diptych.models.addresses import Address


class Rules:
    """A Writer and an Entailer; it keeps nothing."""

    def write(self, requests: list[WriteRequest]) -> list[Written | Failed]:
        """Edits the caption where one is given, writes afresh otherwise."""
        return [_written(request) for request in requests]

    def entail(self, requests: list[EntailRequest]) -> list[Entailed | Failed]:
        """By the statements of the hypothesis: contradicted if the premise contradicts any, entailed if it supports all."""
        return [_entailed(request) for request in requests]


def open_rules(address: Address, ability: type) -> Any:
    """The scheme of `rules:`."""
    if address.name or address.options:
        raise AddressError(f"rules: takes no name and no options, got {address.name!r} {dict(address.options)}: write rules:")
    if ability not in (Writer, Entailer):
        raise AddressError(f"rules: has no {ability.__name__}, only Writer and Entailer: name a model for {ability.__name__}")
    return Rules()


def _written(request: WriteRequest) -> Written | Failed:
    if not request.graph.entities and not request.graph.texts:
        return Failed("the graph is empty: there is nothing to write")
    if request.edit is not None:
        own = request.edit.graph or parse(request.edit.text)
        return Written(*edit(request.edit.text, own, request.graph))
    if request.style not in STYLES:
        return Failed(f"rules: writes the styles {', '.join(STYLES)}, got {request.style!r}")
    return Written(*realise(request.graph, request.style))


def _entailed(request: EntailRequest) -> Entailed | Failed:
    premise = Index(parse(request.premise))
    answers = premise.check(parse(request.hypothesis), closed=False)
    if not answers:
        return Failed(f"nothing to check is stated in {request.hypothesis!r}")
    if "contradicted" in answers:
        return Entailed("contradicted", answers.count("contradicted") / len(answers))
    supported = answers.count("supported") / len(answers)
    return Entailed("entailed", supported) if supported == 1.0 else Entailed("neutral", 1.0 - supported)
