import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph
from diptych.language.assignment import assign
from diptych.language.compare import match_graphs


def thing(noun, *values, count=1, **more):
    return Entity(noun, count, attributes=tuple(map(Attribute, values)), **more)


def graph(*entities, relations=(), texts=()):
    return SceneGraph(entities, tuple(Relation(*r) for r in relations), tuple(Quote(*t) for t in texts))


def test_binding_is_kept():
    one = graph(thing("dog", "brown"), thing("cat", "black"))
    swapped = graph(thing("dog", "black"), thing("cat", "brown"))
    match = match_graphs(one, swapped)
    assert match.tallies["exists"].matched == 2
    assert match.tallies["attribute"].matched == 0


def test_woman_is_no_man_and_bored_no_red():
    assert match_graphs(graph(thing("man")), graph(thing("woman"))).total.matched == 0
    assert match_graphs(graph(thing("dog", "red")), graph(thing("dog", "bored"))).tallies["attribute"].matched == 0


def test_synonyms_only_when_asked_for():
    mug, cup = graph(thing("sofa", "large")), graph(thing("couch", "big"))
    assert match_graphs(mug, cup).total.matched == 2
    assert match_graphs(mug, cup, synonyms=False).total.matched == 0


def test_repeated_parts_cannot_push_recall_over_one():
    reference = graph(thing("dog", "brown"))
    repeated = graph(thing("dog", "brown"), thing("dog", "brown"), thing("dog", "brown"))
    total = match_graphs(repeated, reference).total
    assert (total.matched, total.recall) == (2, 1.0)
    assert total.precision == 2 / 6


def test_order_of_mention_does_not_matter():
    # greedy matching gives "dog" to the first dog and leaves "brown dog" with the black one
    candidate = graph(thing("dog"), thing("dog", "brown"))
    reference = graph(thing("dog", "brown"), thing("dog", "black"))
    assert match_graphs(candidate, reference).tallies["attribute"].matched == 1


def test_relations_tell_alike_things_apart():
    # the two men differ only in what they hold
    candidate = graph(thing("man"), thing("man"), thing("bat"), thing("ball"), relations=[(0, "hold", 2), (1, "throw", 3)])
    reference = graph(thing("man"), thing("man"), thing("ball"), thing("bat"), relations=[(0, "throw", 2), (1, "hold", 3)])
    assert match_graphs(candidate, reference).tallies["relation"].matched == 2


def test_relations_count_between_matched_entities_only():
    candidate = graph(thing("cat"), thing("mat"), relations=[(0, "on", 1)])
    assert match_graphs(candidate, graph(thing("dog"), thing("mat"), relations=[(0, "on", 1)])).tallies["relation"].matched == 0


def test_converse_and_other_wording_match_opposite_does_not():
    left = graph(thing("cup"), thing("box"), relations=[(0, "left of", 1)])
    right = graph(thing("box"), thing("cup"), relations=[(0, "to the right of", 1)])
    wrong = graph(thing("cup"), thing("box"), relations=[(0, "right of", 1)])
    assert match_graphs(left, right).tallies["relation"].matched == 1
    assert match_graphs(left, wrong).tallies["relation"].matched == 0
    beside = graph(thing("box"), thing("cup"), relations=[(0, "beside", 1)])
    near = graph(thing("cup"), thing("box"), relations=[(0, "next to", 1)])
    assert match_graphs(beside, near).tallies["relation"].matched == 1


def test_numbers_and_words_in_the_picture():
    candidate = graph(thing("dog", count=2), thing("sign"), texts=[("Stop", 1)])
    reference = graph(thing("dog", count=3), thing("sign"), texts=[("STOP", 1)])
    match = match_graphs(candidate, reference)
    assert (match.tallies["count"].matched, match.tallies["count"].candidate) == (0, 1)
    assert match.tallies["text"].matched == 1
    elsewhere = graph(thing("dog", count=2), thing("sign"), texts=[("STOP", 0)])
    assert match_graphs(candidate, elsewhere).tallies["text"].matched == 0


def test_absent_things_match_absent_things_only():
    assert match_graphs(graph(thing("dog", negated=True)), graph(thing("dog"))).total.matched == 0
    assert match_graphs(graph(thing("dog", negated=True)), graph(thing("dog", negated=True))).total.matched == 1


def test_hand_worked_tallies():
    candidate = graph(thing("dog", "brown"), thing("couch"), thing("lamp"), relations=[(0, "sleep on", 1), (0, "next to", 2)])
    reference = graph(thing("dog", "brown", "small"), thing("sofa", "red"), relations=[(0, "sleep on", 1)])
    tallies = match_graphs(candidate, reference).tallies
    assert (tallies["exists"].precision, tallies["exists"].recall) == (2 / 3, 1.0)
    assert (tallies["attribute"].matched, tallies["attribute"].candidate, tallies["attribute"].reference) == (1, 1, 3)
    assert tallies["relation"].f1 == 2 / 3


NOUNS = ["dog", "horse", "man"]
entities = st.builds(
    lambda noun, values, count: thing(noun, *values, count=count),
    st.sampled_from(NOUNS),
    st.lists(st.sampled_from(["red", "blue", "small"]), unique=True, max_size=2),
    st.sampled_from([1, 2]),
)


@st.composite
def graphs(draw, most=4):
    found = draw(st.lists(entities, max_size=most))
    ends = st.integers(0, max(len(found) - 1, 0))
    ties = draw(st.lists(st.tuples(ends, st.sampled_from(["on", "left of", "next to"]), ends), max_size=4)) if len(found) > 1 else []
    return graph(*found, relations=[t for t in dict.fromkeys(ties) if t[0] != t[2]])


@given(graphs())
def test_a_graph_matches_itself_wholly(one):
    total = match_graphs(one, one).total
    assert total.matched == total.candidate == total.reference


@settings(max_examples=200)
@given(graphs(), graphs())
def test_matching_is_one_to_one_and_the_same_from_both_sides(one, other):
    forth, back = match_graphs(one, other), match_graphs(other, one)
    for kind, tally in forth.tallies.items():
        assert tally.matched <= min(tally.candidate, tally.reference)
        assert tally.candidate == back.tallies[kind].reference
    assert forth.total.matched == back.total.matched


@settings(max_examples=200)
@given(graphs(), graphs(), st.randoms(use_true_random=False))
def test_order_of_entities_never_changes_the_tallies(one, other, random):
    order = list(range(len(one.entities)))
    random.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    turned = SceneGraph(
        tuple(one.entities[i] for i in order),
        tuple(Relation(place[r.subject], r.predicate, place[r.object]) for r in reversed(one.relations)),
    )
    assert match_graphs(turned, other).total == match_graphs(one, other).total


@given(st.lists(st.lists(st.integers(-3, 9), min_size=3, max_size=3), min_size=1, max_size=4))
def test_assignment_is_the_best_there_is(weights):
    pairs = assign(weights)
    rows, columns = len(weights), 3
    best = 0
    for n in range(1, min(rows, columns) + 1):
        for chosen in itertools.combinations(range(rows), n):
            for others in itertools.permutations(range(columns), n):
                best = max(best, sum(max(0, weights[i][j]) for i, j in zip(chosen, others, strict=True)))
    assert sum(weights[i][j] for i, j in pairs) == best
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
