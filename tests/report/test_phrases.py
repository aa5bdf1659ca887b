from dataclasses import replace

from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.data.records import Caption, Image, Record, Verdict
from diptych.report.phrases import OUTCOMES, Piece, Said, outcomes, told

TEXT = "two brown dogs on a sofa"
GRAPH = SceneGraph(
    (
        Entity("dog", 2, None, (Attribute("brown", (4, 9)),), span=(10, 14), count_span=(0, 3)),
        Entity("sofa", 1, span=(20, 24)),
    ),
    (Relation(0, "on", 1, (15, 17)),),
)
# statements: 0 dog, 1 brown, 2 two, 3 sofa, 4 on


def record(*captions: Caption, verdicts: tuple[Verdict, ...] = ()) -> Record:
    return Record("r", Image("x.jpg"), captions, verdicts=verdicts)


def one(**changes: object) -> Caption:
    return replace(Caption("a", TEXT, "hf:A", graph=GRAPH), **changes)


def test_phrases_are_cut_at_spans_and_nothing_is_lost() -> None:
    (found,) = told(record(one()))
    assert [piece.text for piece in found.pieces] == ["two", " ", "brown", " ", "dogs", " ", "on", " a ", "sofa"]
    assert "".join(piece.text for piece in found.pieces) == TEXT
    said = {piece.text: [s.statement.kind for s in piece.said] for piece in found.pieces if piece.said}
    assert said == {"two": ["count"], "brown": ["attribute"], "dogs": ["exists"], "on": ["relation"], "sofa": ["exists"]}


def test_each_phrase_has_its_outcome() -> None:
    verdicts = (
        Verdict("a", 0, "supported", "sim:d"),
        Verdict("a", 1, "contradicted", "sim:q"),
        Verdict("a", 2, "unknown", "sim:d"),
        Verdict("a", 3, "supported", "sim:d"),
        Verdict("a", 3, "contradicted", "sim:e"),  # one voice each way: unknown
    )
    (found,) = told(record(one(), verdicts=verdicts))
    outcome = {piece.text: piece.outcome for piece in found.pieces if piece.said}
    assert outcome == {"two": "unknown", "brown": "contradicted", "dogs": "supported", "on": "unchecked", "sofa": "unknown"}
    assert {*outcome.values()} == set(OUTCOMES)


def test_a_number_without_words_of_its_own_shares_the_noun_and_the_worst_outcome_shows() -> None:
    graph = SceneGraph((Entity("dog", None, 2, span=(0, 4)),))
    verdicts = (Verdict("a", 0, "supported", "sim:d"), Verdict("a", 1, "contradicted", "sim:d"))
    (found,) = told(record(one(text="dogs", graph=graph), verdicts=verdicts))
    (piece,) = found.pieces
    assert [said.statement.kind for said in piece.said] == ["exists", "count"]
    assert piece.outcome == "contradicted"


def test_contradicted_is_worse_than_unknown() -> None:
    said = tuple(Said(GRAPH.statements()[0], outcome) for outcome in ("supported", "unknown", "contradicted", "unchecked"))
    assert [Piece("x", said[:n]).outcome for n in range(5)] == ["unchecked", "supported", "unknown", "contradicted", "contradicted"]


def test_overlapping_spans_share_the_words_they_share() -> None:
    graph = SceneGraph(
        (Entity("dog", attributes=(Attribute("sleeping", (4, 12)),), span=(0, 3)), Entity("sofa", span=(16, 20))),
        (Relation(0, "sleep on", 1, (4, 15)),),
    )
    (found,) = told(record(one(text="dog sleeping on sofa", graph=graph)))
    assert [(p.text, len(p.said)) for p in found.pieces] == [("dog", 1), (" ", 0), ("sleeping", 2), (" on", 1), (" ", 0), ("sofa", 1)]


def test_spans_that_do_not_fit_the_text_are_told_apart() -> None:
    graph = SceneGraph((Entity("dog", span=(2, 99)), Entity("cat"), Entity("cow", span=(0, 3))))
    (found,) = told(record(one(text="cow", graph=graph)))
    assert [said.statement.subject for said in found.loose] == ["dog", "cat"]
    assert [piece.text for piece in found.pieces] == ["cow"]


def test_a_fused_caption_takes_the_verdicts_of_its_sources() -> None:
    fused_graph = SceneGraph((Entity("sofa", span=(0, 4), origins=("a",)), Entity("cat", span=(5, 8), origins=("a",))))
    fused = Caption("f", "sofa cat", "rules:", "fused", parents=("a",), graph=fused_graph)
    verdict = Verdict("a", 3, "supported", "sim:d", region="r1")
    sofa, cat = told(record(one(), fused, verdicts=(verdict,)))[1].said
    assert (sofa.outcome, sofa.verdicts, sofa.origins, sofa.lent_by) == ("supported", (verdict,), ("a",), "a")
    assert (cat.outcome, cat.verdicts) == ("unchecked", ())


def test_a_source_may_say_it_with_fewer_words_to_tell_things_apart() -> None:
    # the fused caption has two dogs, so their keys carry colours that the source's does not
    dogs = tuple(Entity("dog", 1, attributes=(Attribute(c, origins=(c,)),), origins=(c,)) for c in ("brown", "black"))
    fused = Caption("f", "a brown dog and a black dog", "rules:", parents=("brown", "black"), graph=SceneGraph((*dogs, Entity("mat")),
                    (Relation(0, "on", 2, origins=("brown",)),)))  # fmt: skip
    source = Caption("brown", "dog on mat", "hf:A", graph=SceneGraph((Entity("dog"), Entity("mat")), (Relation(0, "on", 1),)))
    said = told(record(source, fused, verdicts=(Verdict("brown", 2, "supported", "sim:d"),)))[1].said
    assert [s.outcome for s in said if s.statement.kind == "relation"] == ["supported"]


def test_a_source_speaks_before_any_other_caption() -> None:
    sofa = SceneGraph((Entity("sofa"),))
    fused = Caption("f", "sofa", "rules:", parents=("b",), graph=SceneGraph((Entity("sofa", origins=("b",)),)))
    both = Caption("a", "sofa", "hf:A", graph=sofa), Caption("b", "sofa", "hf:B", graph=sofa)
    verdicts = Verdict("a", 0, "contradicted", "sim:d"), Verdict("b", 0, "supported", "sim:d")
    assert told(record(*both, fused, verdicts=verdicts))[2].said[0].lent_by == "b"


def test_an_equal_statement_elsewhere_lends_its_verdict() -> None:
    other = Caption("b", "sofa", "source", graph=SceneGraph((Entity("sofa", span=(0, 4)),)))
    (said,) = told(record(one(), other, verdicts=(Verdict("a", 3, "contradicted", "sim:d"),)))[1].said
    assert (said.outcome, said.lent_by) == ("contradicted", "a")


def test_origins_of_every_kind() -> None:
    graph = SceneGraph(
        (Entity("sign", 2, attributes=(Attribute("red", origins=("x",)),), origins=("y",)), Entity("wall", origins=("z",))),
        (Relation(0, "on", 1, origins=("v",)),),
        (Quote("STOP", 0, origins=("w",)),),
    )
    said = told(record(one(graph=graph)))[0].said
    assert [(s.statement.kind, *s.origins) for s in said] == [
        ("exists", "y"), ("attribute", "x"), ("count", "y"), ("exists", "z"), ("relation", "v"), ("text", "w")
    ]  # fmt: skip


def test_captions_that_were_not_split() -> None:
    whole = one(graph=None)
    assert [piece.text for piece in told(record(whole))[0].pieces] == [TEXT]
    assert outcomes(record(whole)) == []
    assert len(told(record(whole), lambda text: GRAPH)[0].said) == 5
    assert outcomes(record(one(), verdicts=(Verdict("a", 0, "supported", "d"),)))[0][1].count("supported") == 1
