import pytest

from diptych.data.errors import AddressError
from diptych.data.graphs import SceneGraph
from diptych.data.records import Caption
from diptych.language.fuse import prune
from diptych.language.parse import parse
from diptych.models.abilities import Captioner, Entailed, Entailer, EntailRequest, Failed, Writer, WriteRequest, Written
from diptych.models.addresses import open_model
from diptych.models.rules import Rules, open_rules

SCHEMES = {"rules": open_rules}


def entail(premise, hypothesis):
    (answer,) = Rules().entail([EntailRequest(premise, hypothesis)])
    assert isinstance(answer, Entailed)
    return answer.label


def test_it_opens_as_writer_and_entailer_and_names_what_it_has():
    assert isinstance(open_model("rules:", Writer, SCHEMES), Rules)
    assert isinstance(open_model("rules:", Entailer, SCHEMES), Rules)
    with pytest.raises(AddressError, match="has no Captioner, only Writer and Entailer"):
        open_model("rules:", Captioner, SCHEMES)
    with pytest.raises(AddressError, match="no name and no options"):
        open_model("rules:poet", Writer, SCHEMES)


def test_it_writes_afresh_and_edits():
    graph = parse("A red ball is on a table.")
    fresh, edited = Rules().write(
        [
            WriteRequest(graph),
            WriteRequest(prune(graph, lambda s: s.value != "red"), edit=Caption("c", "Look: a red ball on a table", graph=None)),
        ]
    )
    assert isinstance(fresh, Written)
    assert fresh.text == "A red ball is on a table."
    assert isinstance(edited, Written)
    assert edited.text == "Look: a ball on a table"


def test_one_bad_request_spoils_no_other():
    graph = parse("A dog.")
    empty, odd, good = Rules().write([WriteRequest(SceneGraph()), WriteRequest(graph, style="ode"), WriteRequest(graph)])
    assert isinstance(empty, Failed)
    assert isinstance(odd, Failed)
    assert "ode" in odd.error
    assert isinstance(good, Written)
    (nothing,) = Rules().entail([EntailRequest("A dog.", "!!")])
    assert isinstance(nothing, Failed)


def test_entailment():
    premise = "A brown dog sleeps on a couch next to two cats."
    assert entail(premise, "A dog is on a couch.") == "entailed"
    assert entail(premise, "There are two cats.") == "entailed"
    assert entail(premise, "A white dog.") == "contradicted"
    assert entail(premise, "There are three cats.") == "contradicted"
    assert entail(premise, "There is no dog.") == "contradicted"
    assert entail(premise, "A dog and a lamp.") == "neutral"
