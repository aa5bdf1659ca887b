"""From units to relations: a reader that goes through a sentence once, left to right, keeping subject, verb and last noun phrase."""

from dataclasses import dataclass, field

from diptych.data.graphs import Span
from diptych.language.attach import Verb, instead_of_verb, participle_subject, preposition_subject
from diptych.language.lists import words
from diptych.language.phrases import Unit
from diptych.language.scene import Scene
from diptych.language.wordnet import is_animate, kind

FINITE = ("VZ", "VD", "V")
VERBS = (*FINITE, "VG", "VN")
TRYING = frozenset(
    [
        "try",
        "attempt",
        "prepare",
        "get",
        "begin",
        "start",
        "go",
        "want",
        "seem",
        "appear",
        "about",
        "wait",
        "continue",
        "use",
        "come",
        "learn",
        "be",
        "need",
        "intend",
        "plan",
    ]
)


@dataclass(slots=True)
class Reader:
    """Where in the clause the reader is."""

    scene: Scene
    units: list[Unit]
    at: int = 0
    subject: list[int] = field(default_factory=list)
    nouns: list[int] = field(default_factory=list)  # the last noun phrases
    groups: list[list[int]] = field(default_factory=list)  # all of this clause
    verb: Verb | None = None
    prep: tuple[str, Span] | None = None
    fronted: list[tuple[str, list[int], Span]] = field(default_factory=list)
    be: bool = False
    existential: bool = False
    finite: bool = False
    relative: list[int] | None = None  # antecedent while the relative pronoun waits for its verb
    outer: tuple[list[int], bool] | None = None  # subject and finiteness of the clause around a relative clause
    comma: bool = False
    hedged: bool = False
    negated: bool = False
    skipping: bool = False
    infinitive: bool = False
    nothing: bool = False  # the subject is the picture or an abstraction


def read(units: list[Unit], scene: Scene) -> None:
    """Add what a sentence says to the scene."""
    reader = Reader(scene, units)
    while reader.at < len(units):
        unit = units[reader.at]
        reader.at += 1
        if unit.kind != "MARK" and unit.kind != "C":
            comma, reader.comma = reader.comma, False
        if unit.kind == "NP":
            _noun(reader, unit)
        elif unit.kind in VERBS:
            _verb(reader, unit, comma)
        else:
            step = _STEPS.get(unit.kind)
            if step:
                step(reader, unit)
    _close(reader)


def _next(reader: Reader, ahead: int = 0) -> Unit | None:
    at = reader.at + ahead
    return reader.units[at] if at < len(reader.units) else None


def _next_kind(reader: Reader, ahead: int = 0) -> str:
    unit = _next(reader, ahead)
    return unit.kind if unit else "END"


def _close(reader: Reader) -> None:
    """End the verb: without object or place it is an activity of its subject."""
    verb = reader.verb
    if verb and not verb.used and not verb.negated and verb.lemma not in ("be", "have", "do"):
        for index in verb.subject:
            reader.scene.describe(index, [(verb.lemma, verb.span)])
    reader.verb = None


def _clause(reader: Reader, *, keep: bool = False) -> None:
    """Start a new clause; `keep` its subject."""
    _close(reader)
    reader.prep = None
    reader.be = reader.existential = reader.negated = reader.skipping = reader.infinitive = False
    reader.relative = None
    if reader.outer:
        reader.subject, reader.finite = reader.outer
        reader.outer = None
    if not keep:
        reader.subject, reader.finite, reader.nothing = [], False, False
        reader.groups = []


def _noun(reader: Reader, unit: Unit) -> None:
    assert unit.phrase is not None
    group = _collect(reader, unit)
    if reader.skipping:
        return
    if reader.negated and not reader.be:
        for index in group:
            _deny(reader, index)
    if not group:
        _abstract(reader)
        return
    if reader.prep:
        _prepositional(reader, group, unit)
    elif reader.existential:
        reader.existential = reader.be = False
        _front(reader, group)
        reader.subject = group
    elif reader.be and reader.subject:
        _identify(reader, group)
    elif reader.relative is not None:
        reader.relative, reader.subject = None, group
    elif (reader.verb and not reader.verb.objects and not reader.verb.passive and not reader.verb.used) or (
        reader.subject and not reader.comma and reader.verb and reader.verb.objects and not reader.finite
    ):
        _object(reader, group, unit.span)
    else:
        _clause(reader)
        _front(reader, group)
        reader.subject = group
    reader.nouns = group
    reader.groups.append(group)


def _deny(reader: Reader, index: int) -> None:
    thing = reader.scene.things[index]
    if thing.sentence == reader.scene.sentence and reader.scene.recent.count(index) == 1:
        thing.phrase.negated, thing.phrase.count, thing.phrase.at_least = True, 0, None


def _abstract(reader: Reader) -> None:
    """A noun phrase that names nothing visible."""
    if reader.prep:
        reader.prep = None
    elif reader.verb and not reader.verb.objects:
        reader.verb.objects = [-1]
    elif reader.existential or reader.be:
        reader.existential = reader.be = False
    else:
        _clause(reader)
        reader.nothing = True
    reader.nouns = reader.nouns if reader.subject else []


def _front(reader: Reader, group: list[int]) -> None:
    """Give the subject the places named before it: "in the kitchen, a cat"."""
    for predicate, places, span in reader.fronted:
        for subject in group:
            for place in places:
                reader.scene.relate(subject, predicate, place, span)
    reader.fronted = []


def _collect(reader: Reader, unit: Unit) -> list[int]:
    """The things of a noun phrase and of those that "and" or commas join to it."""
    assert unit.phrase is not None
    group = reader.scene.mention(unit.phrase, hedged=reader.hedged)
    first = unit
    while _joins(reader, first):
        while _next_kind(reader) in ("C", "MARK"):
            reader.at += 1
        following = reader.units[reader.at]
        reader.at += 1
        assert following.phrase is not None
        if first.phrase and first.phrase.negated and first.phrase.count == 0 and not following.phrase.det:
            following.phrase.negated, following.phrase.count, following.phrase.at_least = True, 0, None
        group = [*group, *(i for i in reader.scene.mention(following.phrase, hedged=reader.hedged) if i not in group)]
        first = following
    if len(group) > 1:
        reader.scene.group = group
    return group


def _joins(reader: Reader, unit: Unit) -> bool:
    """Whether the next noun phrase stands in one list with this one."""
    ahead = 0
    marks = []
    while _next_kind(reader, ahead) == "C" or (_next_kind(reader, ahead) == "MARK" and reader.units[reader.at + ahead].word in ",&/"):
        marks.append(reader.units[reader.at + ahead].kind)
        ahead += 1
    if not marks or _next_kind(reader, ahead) != "NP" or len(marks) > 2:
        return False
    following = reader.units[reader.at + ahead].phrase
    assert following is not None and unit.phrase is not None
    after = _next_kind(reader, ahead + 1)
    placed = bool(reader.prep or reader.verb or reader.existential)
    if "C" not in marks and not _listed(reader, ahead + 1, placed):
        return False
    if not placed:
        return after not in ("EX",)
    if following.pronoun and not following.noun:
        return after not in (*VERBS, "BE", "HV", "MD")
    if after in (*FINITE, "BE", "HV", "MD", "DO"):
        return False
    with_ = (reader.prep is not None and reader.prep[0] in ("with", "including", "of", "between")) or reader.existential
    if after in ("VG", "VN") and not with_ and "C" in marks:
        return bool(following.det == unit.phrase.det == "" and is_animate(following.noun) == is_animate(unit.phrase.noun))
    if with_ or (reader.verb and not reader.prep):
        return is_animate(following.noun) == is_animate(unit.phrase.noun) or bool(with_)
    return is_animate(following.noun) == is_animate(unit.phrase.noun) and (kind(following.head) in "lo") == (kind(unit.phrase.head) in "lo")


def _listed(reader: Reader, ahead: int, placed: bool) -> bool:
    """Whether "and" or "or" with a last noun phrase follows before anything else: "a, b, and c"."""
    while _next_kind(reader, ahead) in ("NP", "MARK", "C"):
        if _next_kind(reader, ahead) == "C":
            after = _next_kind(reader, ahead + 2)
            return _next_kind(reader, ahead + 1) == "NP" and not (placed and after in (*FINITE, "BE", "HV"))
        ahead += 1
    return False


def _object(reader: Reader, group: list[int], span: Span) -> None:
    verb = reader.verb
    assert verb is not None
    verb.objects, verb.used = group, True
    for subject in verb.subject:
        for other in group:
            if not verb.negated:
                reader.scene.relate(subject, verb.lemma, other, (verb.span[0], span[1]))


def _identify(reader: Reader, group: list[int]) -> None:
    """ "The animal is a dog": nothing to relate; the complement takes over the clause when it is animate and new."""
    reader.be = False


def _prepositional(reader: Reader, group: list[int], unit: Unit) -> None:
    assert reader.prep is not None
    predicate, span = reader.prep
    reader.prep = None
    span = (span[0], unit.span[1])
    if predicate == "without":
        for index in group:
            reader.scene.things[index].phrase.negated = True
            reader.scene.things[index].phrase.count, reader.scene.things[index].phrase.at_least = 0, None
    if not reader.subject and not reader.nouns and not reader.verb:
        reader.fronted.append((predicate, group, span))
        return
    subjects, verb = preposition_subject(reader.scene, predicate, group, reader.verb, reader.nouns, reader.subject)
    if verb and verb.passive and predicate == "by":
        for agent in group:
            for patient in verb.subject:
                reader.scene.relate(agent, verb.lemma, patient, (verb.span[0], span[1]))
    else:
        name = f"{verb.lemma} {predicate}" if verb else predicate
        for subject in subjects:
            for other in group:
                reader.scene.relate(subject, name, other, (verb.span[0] if verb else span[0], span[1]))
    if reader.verb:
        reader.verb.used = True
        reader.verb.places += 1
    reader.be = False


def _verb(reader: Reader, unit: Unit, comma: bool) -> None:
    lemma = unit.lemma
    if lemma in words("seeming") and unit.kind in FINITE and (_next_kind(reader) in ("TO", "ADJ")):
        reader.be = reader.hedged = True
        return
    if lemma in words("interpreting") and unit.kind == "VG" and not reader.be:
        _close(reader)
        reader.skipping = True
        return
    if instead_of_verb(lemma) and (reader.nothing or unit.kind == "VN") and not (reader.subject and unit.kind in FINITE):
        _close(reader)
        reader.be = True
        reader.existential = reader.nothing and unit.kind != "VN"
        return
    subject = _verb_subject(reader, unit, comma)
    if reader.infinitive and reader.verb and not reader.verb.used and reader.verb.lemma in TRYING:
        reader.verb = None
    _close(reader)
    passive = unit.kind == "VN" and not (reader.be and False)
    reader.verb = Verb(lemma, subject, unit.span, passive, negated=reader.negated)
    reader.be = reader.infinitive = reader.skipping = False
    reader.prep = None
    if unit.kind in FINITE:
        reader.finite = True
    _front(reader, subject)


def _verb_subject(reader: Reader, unit: Unit, comma: bool) -> list[int]:
    if reader.relative is not None:
        antecedent = reader.relative
        reader.outer = reader.outer or (reader.subject, reader.finite)
        reader.subject, reader.relative = antecedent, None
        return antecedent
    if unit.kind in FINITE and not reader.be and not reader.infinitive:
        if reader.outer and not reader.outer[1] and reader.verb is not None:
            reader.subject, _ = reader.outer
            reader.outer = None
        return reader.subject
    if reader.be or reader.infinitive or comma:
        return reader.subject
    before = reader.units[reader.at - 2].kind if reader.at > 1 else "START"
    if before in ("C", "S") and reader.verb:
        return reader.verb.subject
    if before == "S":
        return reader.subject
    following = _next(reader)
    transitive = following is not None and following.kind == "NP"
    return participle_subject(reader.scene, unit.lemma, transitive, reader.nouns, reader.groups, reader.subject)


def _be(reader: Reader, unit: Unit) -> None:
    if reader.relative is not None:
        reader.outer = reader.outer or (reader.subject, reader.finite)
        reader.subject, reader.relative = reader.relative, None
    elif reader.outer and not reader.outer[1] and (reader.verb is not None or reader.groups):
        if reader.nouns != reader.subject or reader.verb:
            reader.subject, _ = reader.outer
            reader.outer = None
    _close(reader)
    reader.be = reader.finite = True
    reader.negated = False
    if reader.nothing and not reader.subject:
        reader.existential = True


def _have(reader: Reader, unit: Unit) -> None:
    if _next_kind(reader) in ("VN", "VD", "BE"):
        reader.be = True
        return
    subject = _verb_subject(reader, Unit("VZ", unit.word, "have", unit.span), False)
    _close(reader)
    reader.verb = Verb("have", subject, unit.span, False, negated=reader.negated)
    reader.finite, reader.be = True, False


def _preposition(reader: Reader, unit: Unit) -> None:
    following = _next_kind(reader)
    if following in ("NP", "QUOTE"):
        reader.prep = (unit.lemma, unit.span)
        if reader.be and reader.subject:
            _close(reader)
            reader.nouns = reader.subject
            reader.be = False
    elif following in ("VG", "VN") and unit.lemma in ("by", "for", "after", "before", "of", "in"):
        reader.be = False
    elif reader.verb and following in ("P", "C", "MARK", "END", "S"):
        pass
    elif following == "ADJ":
        reader.prep = None


def _adjective(reader: Reader, unit: Unit) -> None:
    following = _next(reader)
    linked = following is not None and following.kind == "P" and _next_kind(reader, 1) == "NP" and unit.values
    target = reader.subject if reader.be else reader.nouns or reader.subject
    if reader.verb and not reader.verb.used and reader.verb.lemma in ("look", "become", "get", "turn", "remain", "stay"):
        target, reader.verb = reader.verb.subject, None
    if linked and following is not None and unit.lemma in ("full", "ready", "visible", "bare", "empty", "free", "close"):
        reader.at += 1
        reader.nouns = target
        reader.prep = (f"{unit.lemma} {following.lemma}", (unit.span[0], following.span[1]))
    elif not reader.negated:
        for index in target:
            reader.scene.describe(index, unit.values)
    reader.be = bool(reader.be and following is not None and following.kind in ("C", "MARK", "VG"))


def _and(reader: Reader, unit: Unit) -> None:
    reader.negated = reader.negated and unit.word in ("or", "nor")
    if _next_kind(reader) == "NP":
        _clause(reader)
    elif _next_kind(reader) in ("BE", "HV", "MD") and reader.outer:
        pass
    elif _next_kind(reader) in ("P", "ADJ") and reader.verb is None:
        reader.nouns = reader.subject or reader.nouns


def _mark(reader: Reader, unit: Unit) -> None:
    if unit.word in ",-–—()":
        reader.comma = True
        reader.skipping = False
        if reader.outer and _next_kind(reader) in (*FINITE, "BE", "HV"):
            _close(reader)
            reader.subject, reader.finite = reader.outer
            reader.outer = None
    else:
        _clause(reader)


def _subordinate(reader: Reader, unit: Unit) -> None:
    keep = _next_kind(reader) in ("VG", "VN")
    _clause(reader, keep=True)
    if not keep:
        reader.nouns = []
        if unit.word == "where":
            reader.finite = False


def _relative(reader: Reader, unit: Unit) -> None:
    nouns = reader.nouns or reader.subject
    if unit.word in ("who", "whom") and not any(is_animate(reader.scene.things[i].noun) for i in nouns):
        animate = [g for g in reversed(reader.groups) if any(is_animate(reader.scene.things[i].noun) for i in g)]
        nouns = animate[0] if animate else nouns
    verb = reader.verb
    _close(reader)
    reader.verb = verb if verb and verb.used else None
    reader.relative = nouns
    reader.be = False


def _quote(reader: Reader, unit: Unit) -> None:
    owner = reader.verb.subject if reader.verb and reader.verb.subject else reader.nouns or reader.subject
    if reader.prep and reader.nouns:
        owner = reader.nouns
    reader.prep = None
    if reader.verb:
        reader.verb.used = True
    reader.scene.texts.append((unit.word, owner[-1] if owner else None, unit.span))


def _there(reader: Reader, unit: Unit) -> None:
    _clause(reader)
    reader.existential = True


def _not(reader: Reader, unit: Unit) -> None:
    reader.negated = True


def _modal(reader: Reader, unit: Unit) -> None:
    reader.be = False
    reader.infinitive = unit.kind == "TO"
    if unit.kind == "TO" and _next_kind(reader) == "BE":
        reader.at += 1
        reader.be, reader.infinitive = True, False
    if unit.kind == "MD" and _next_kind(reader) == "BE":
        reader.at += 1
        _be(reader, unit)


def _hedge(reader: Reader, unit: Unit) -> None:
    reader.hedged = True


_STEPS = {
    "BE": _be, "HV": _have, "P": _preposition, "ADJ": _adjective, "C": _and, "MARK": _mark, "S": _subordinate, "W": _relative, "QUOTE": _quote,
    "EX": _there, "NEG": _not, "MD": _modal, "TO": _modal, "R": _hedge,
}  # fmt: skip
