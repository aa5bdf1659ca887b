from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.language.entail import Index
from diptych.language.fuse import POLICIES, fuse, prune, stated


def thing(noun, *values, count=1, **more):
    return Entity(noun, count, attributes=tuple(map(Attribute, values)), **more)


def graph(*entities, relations=(), texts=()):
    return SceneGraph(entities, tuple(Relation(*r) for r in relations), tuple(Quote(*t) for t in texts))


def fused(policy, *graphs, families=None, **options):
    names = families or [f"family{i}" for i in range(len(graphs))]
    return fuse([(f"c{i}", name, g) for i, (name, g) in enumerate(zip(names, graphs, strict=True))], policy, **options)


def things(graph):
    return sorted((e.noun, e.count, tuple(sorted(e.values))) for e in graph.entities)


def ties(graph):
    return [(graph.entities[r.subject].noun, r.predicate, graph.entities[r.object].noun) for r in graph.relations]


def test_a_dog_and_a_brown_dog_are_one_brown_dog():
    for policy in ("union", "conflict_drop"):
        result = fused(policy, graph(thing("dog")), graph(thing("dog", "brown")))
        assert things(result) == [("dog", 1, ("brown",))]
        assert result.entities[0].origins == ("c0", "c1")
        assert result.entities[0].attributes[0].origins == ("c1",)


def test_two_colours_are_two_things_in_a_union_and_a_conflict_otherwise():
    red, blue = graph(thing("ball", "red")), graph(thing("ball", "blue"))
    assert things(fused("union", red, blue)) == [("ball", 1, ("blue",)), ("ball", 1, ("red",))]
    assert things(fused("conflict_drop", red, blue)) == [("ball", 1, ("red",))]  # a dead heat: the earlier
    assert things(fused("conflict_drop", red, blue, blue)) == [("ball", 1, ("blue",))]  # more voices
    assert things(fused("intersection", red, blue)) == [("ball", 1, ())]


def test_two_colours_are_two_things_where_a_caption_counts_two():
    result = fused("conflict_drop", graph(thing("ball", count=2)), graph(thing("ball", "red")), graph(thing("ball", "blue")))
    assert ("ball", 1, ("blue",)) in things(result)
    assert ("ball", 1, ("red",)) in things(result)


def test_a_family_is_one_voice():
    red, blue = graph(thing("ball", "red")), graph(thing("ball", "blue"))
    assert things(fused("conflict_drop", red, blue, blue, families=["a", "b", "b"])) == [("ball", 1, ("red",))]
    assert fused("majority", red, graph(thing("cup")), graph(thing("cup")), families=["a", "b", "b"]).entities == ()


def test_one_caption_may_give_two_colours():
    both = graph(thing("dog", "black", "white"))
    assert things(fused("conflict_drop", both, graph(thing("dog", "black")))) == [("dog", 1, ("black", "white"))]


def test_listed_things_and_their_number_are_the_same_things():
    listed = graph(thing("dog", "brown"), thing("dog", "black"))
    counted = graph(thing("dog", count=2), thing("couch"), relations=[(0, "on", 1)])
    result = fused("union", counted, listed)
    assert things(result) == [("couch", 1, ()), ("dog", 1, ("black",)), ("dog", 1, ("brown",))]
    assert ties(result) == [("dog", "on", "couch")] * 2
    assert things(fused("majority", counted, listed, counted)) == [("couch", 1, ()), ("dog", 2, ())]


def test_what_is_said_of_one_is_not_said_of_all():
    result = fused("union", graph(thing("dog", count=3)), graph(thing("dog", "brown")))
    assert things(result) == [("dog", 1, ("brown",)), ("dog", 3, ())]


def test_numbers_go_by_voices_then_by_the_earlier():
    two, three = graph(thing("dog", count=2)), graph(thing("dog", count=3))
    assert things(fused("conflict_drop", two, three)) == [("dog", 2, ())]
    assert things(fused("conflict_drop", two, three, three)) == [("dog", 3, ())]
    agreed = fused("intersection", two, three).entities[0]
    assert (agreed.count, agreed.at_least) == (None, 2)  # both mean at least two


def test_left_and_right_cannot_both_stand():
    left = graph(thing("cat"), thing("mug"), relations=[(0, "left of", 1)])
    right = graph(thing("mug"), thing("cat"), relations=[(0, "left of", 1)])
    assert ties(fused("conflict_drop", left, right)) == [("cat", "left of", "mug")]
    assert ties(fused("conflict_drop", left, right, right)) == [("mug", "left of", "cat")]
    assert ties(fused("union", left, right)) == [("cat", "left of", "mug")]  # one picture: both cannot be said in one caption


def test_other_wordings_are_one_relation_and_the_more_telling_lends_its_voice():
    asleep = graph(thing("cat"), thing("sofa"), relations=[(0, "sleep on", 1)])
    on = graph(thing("cat"), thing("couch"), relations=[(0, "on", 1)])
    assert ties(fused("union", asleep, on)) == [("cat", "sleep on", "sofa")]
    assert ties(fused("majority", asleep, on)) == [("cat", "on", "sofa")]
    sitting = graph(thing("cat"), thing("couch"), relations=[(0, "sit on", 1)])
    assert ties(fused("intersection", asleep, sitting)) == [("cat", "on", "sofa")]  # nobody says just that, all imply it
    assert [p for _, p, _ in ties(fused("union", asleep, sitting))] == ["sleep on", "sit on"]
    beside = [graph(thing("cat"), thing("mug"), relations=[r]) for r in [(0, "beside", 1), (1, "next to", 0)]]
    assert len(fused("intersection", *beside).relations) == 1


def test_a_deed_is_told_once():
    asleep = graph(thing("cat", "sleep", "black"))
    on = graph(thing("cat"), thing("couch"), relations=[(0, "sleep on", 1)])
    result = fused("union", asleep, on)
    assert result.entities[0].values == ("black",)
    assert Index(result).check(asleep) == ("supported",) * 3


def test_presence_and_absence_cannot_both_stand():
    there, absent = graph(thing("dog")), graph(thing("dog", negated=True))
    assert [e.negated for e in fused("union", there, absent).entities] == [False]
    assert [e.negated for e in fused("union", there, absent, absent).entities] == [True]


def test_words_merge_whatever_their_case():
    result = fused("union", graph(thing("sign"), texts=[("STOP", 0)]), graph(thing("sign"), texts=[("Stop", 0)]))
    assert [(q.words, q.entity, q.origins) for q in result.texts] == [("STOP", 0, ("c0", "c1"))]


def test_majority_counts_voices_over_the_threshold():
    captions = [graph(thing("dog")), graph(thing("dog")), graph(thing("cat")), graph(thing("mouse")), graph(thing("mug"))]
    assert fused("majority", *captions).entities == ()
    assert [e.noun for e in fused("majority", *captions, threshold=0.3).entities] == ["dog"]


def test_bad_arguments_are_named():
    with pytest.raises(InputError, match="policy must be one of"):
        fuse([], "vote")
    with pytest.raises(InputError, match="threshold"):
        fuse([], "majority", threshold=1.0)
    assert all(fuse([], policy) == SceneGraph() for policy in POLICIES)


SCENE = graph(
    thing("dog", "brown", "small"), thing("cat", count=3), thing("sign"), relations=[(0, "on", 1), (1, "near", 2)], texts=[("STOP", 2)]
)


def without(*refused):
    return prune(SCENE, lambda s: (s.kind, s.subject, s.value) not in refused)


def test_prune_cuts_what_falls_and_what_hangs_on_it():
    assert without() is SCENE
    assert [e.noun for e in without(("exists", "dog", "")).entities] == ["cat", "sign"]
    assert ties(without(("exists", "dog", ""))) == [("cat", "near", "sign")]
    assert without(("attribute", "dog", "brown")).entities[0].values == ("small",)
    assert ties(without(("relation", "dog", "on"))) == [("cat", "near", "sign")]
    assert without(("text", "sign", "STOP")).texts == ()
    assert without(("exists", "sign", "")).texts == ()


def test_things_that_lost_what_set_them_apart_are_not_counted():
    chairs = graph(thing("chair", "striped", "black"), thing("chair", "yellow"), thing("chair", "red"), thing("table"))
    pruned = prune(chairs, lambda s: s.value not in ("striped", "black", "red"))
    assert things(pruned) == [("chair", 1, ("yellow",)), ("table", 1, ())]
    assert things(prune(chairs, lambda s: s.kind != "attribute")) == [("chair", 1, ()), ("table", 1, ())]
    assert things(fused("union", pruned, graph(thing("chair")))) == things(pruned)
    dogs = graph(thing("dog", count=3), thing("dog", "brown"))
    assert things(prune(dogs, lambda s: s.kind != "count")) == [("dog", 1, ("brown",))]


def test_things_that_lost_what_set_them_apart_stay_where_more_is_said_of_them():
    chairs = graph(thing("chair", "red"), thing("chair", "blue"), thing("table"), relations=[(0, "near", 2)], texts=[("A", 1)])
    assert len(prune(chairs, lambda s: s.kind != "attribute").entities) == 3
    doubted = graph(thing("chair", "red"), thing("chair", "blue", hedged=True), thing("chair", count=0, negated=True))
    assert len(prune(doubted, lambda s: s.value != "red").entities) == 3


def test_a_number_that_falls_leaves_the_thing_and_states_nothing_new():
    pruned = without(("count", "cat", "3"))
    assert things(pruned)[0] == ("cat", 1, ())
    assert {s.key for s in pruned.statements()} == {s.key for s in SCENE.statements() if s.kind != "count"}


@st.composite
def captions(draw):
    nouns = draw(st.lists(st.sampled_from(["dog", "horse", "mug", "table"]), unique=True, max_size=4))
    values = st.lists(st.sampled_from(["red", "blue", "small", "large"]), unique=True, max_size=2)
    found = [thing(noun, *draw(values), count=draw(st.sampled_from([1, 1, 2, 3]))) for noun in nouns]
    pairs = [(i, j) for i in range(len(found)) for j in range(len(found)) if i != j]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3)) if pairs else []
    return graph(*found, relations=[(i, draw(st.sampled_from(["on", "left of", "next to"])), j) for i, j in chosen])


@given(captions())
def test_fusing_one_caption_changes_nothing(one):
    for policy in POLICIES:
        result = fused(policy, one)
        # "a is next to b" and "b is next to a" become one relation; nothing else changes
        assert set(Index(result).check(one)) <= {"supported"}
        assert {s.key for s in result.statements()} <= {s.key for s in one.statements()}


@settings(max_examples=150)
@given(st.lists(captions(), min_size=1, max_size=4))
def test_every_caption_says_the_intersection_and_some_caption_each_part_of_the_union(several):
    everywhere = fused("intersection", *several)
    for caption in several:
        assert set(Index(caption).check(everywhere, closed=False)) <= {"supported"}
    merged = fused("union", *several)
    ids = {f"c{i}" for i in range(len(several))}
    for part in (*merged.entities, *(a for e in merged.entities for a in e.attributes), *merged.relations):
        assert part.origins and set(part.origins) <= ids


@settings(max_examples=150)
@given(st.lists(captions(), min_size=1, max_size=4))
def test_a_higher_threshold_never_says_more(several):
    sizes = [len(fused("majority", *several, threshold=t).statements()) for t in (0.0, 0.3, 0.6, 0.9)]
    assert sizes == sorted(sizes, reverse=True)


@settings(max_examples=150)
@given(captions(), st.sets(st.integers(0, 12)))
def test_pruning_leaves_what_is_kept_and_nothing_else(caption, refused):
    statements = caption.statements()
    kept = prune(caption, lambda s: s.number not in refused)
    keys = {s.key for s in kept.statements()}
    assert keys <= {s.key for s in statements if s.number not in refused}
    gone = {s.subject for s in statements if s.number in refused and s.kind == "exists"}
    less = {s.entity for s in statements if s.number in refused and s.kind == "attribute"}
    hangs = [
        s
        for s in statements
        if s.number not in refused and s.subject not in gone and s.object not in gone and not (s.kind == "count" and s.entity in less)
    ]
    assert keys == {s.key for s in hangs}


def test_what_is_hedged_is_not_stated_and_numbers_stay():
    hedged = replace(thing("cat"), hedged=True)
    one = graph(thing("dog", "brown"), hedged, thing("table"), relations=[(0, "on", 2), (1, "on", 2)])
    left = stated(one)
    assert [e.noun for e in left.entities] == ["dog", "table"]
    assert [(s.number, s.key) for s in left.statements()] == [(s.number, s.key) for s in one.statements()]
