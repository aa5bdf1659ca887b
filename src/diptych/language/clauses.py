"""From units to relations: a sentence is read once, left to right, keeping subject, verb and last noun phrase."""

from collections.abc import Callable

from diptych.data.graphs import Span
from diptych.language.attach import inner, place_subject
from diptych.language.links import (
    take_adjective,
    take_and,
    take_hedge,
    take_mark,
    take_not,
    take_preposition,
    take_quote,
    take_relative,
    take_subordinate,
    take_there,
)
from diptych.language.lists import words
from diptych.language.nouns import Phrase
from diptych.language.phrases import Unit
from diptych.language.reader import VERBS, Reader, Verb, close, collect, restart
from diptych.language.remarks import abstract, identify
from diptych.language.scene import Scene
from diptych.language.things import is_thing
from diptych.language.verbs import front, take_be, take_do, take_have, take_modal, take_verb


def read(units: list[Unit], scene: Scene) -> None:
    """Add what a sentence says to the scene."""
    reader = Reader(scene, units)
    scene.adding = any(unit.word in ("also", "another", "additionally") for unit in units)
    while reader.at < len(units):
        unit = units[reader.at]
        reader.at += 1
        if reader.skipping and not (unit.kind == "S" and unit.word != "that" and reader.at > 1 and units[reader.at - 2].kind == "MARK"):
            continue
        comma = reader.comma
        if unit.kind not in ("MARK", "C", "R"):
            reader.comma = False
        if unit.kind == "NP":
            _noun(reader, unit, comma)
        elif unit.kind in VERBS:
            take_verb(reader, unit, comma)
        elif unit.kind == "P":
            take_preposition(reader, unit, comma)
        elif unit.kind in _STEPS:
            _STEPS[unit.kind](reader, unit)
    close(reader)


def _noun(reader: Reader, unit: Unit, comma: bool) -> None:
    phrase = unit.phrase
    assert phrase is not None
    if reader.be and reader.subject and not reader.existential and not reader.prep and not phrase.negated:
        identify(reader, phrase)
        return
    reader.scene.aside = reader.nouns if reader.prep and phrase.pronoun in ("it", "them", "him", "her") else []
    scene = reader.scene
    if _unread(reader, phrase, comma):
        return
    if phrase.noun in ("picture", "photo", "photograph", "painting") and phrase.of is None and _hangs(reader):
        phrase.hung = True
    if phrase.noun == "glass" and phrase.plural and phrase.count is None and phrase.of is None and _has_face(reader):
        phrase.noun, phrase.at_least = "glasses", None
    scene.leading = not (reader.prep or reader.verb)
    if phrase.pronoun == "it" and reader.prep and reader.prep[0] in words("bearing") and reader.led == "with" and len(reader.groups) > 1:
        scene.near = reader.groups[-2]
    if phrase.pronoun == "them" and reader.prep and reader.prep[0] in words("supporting"):
        several = [g for g in reader.groups if g != reader.nouns and any(scene.things[i].plural and not scene.things[i].animate for i in g)]
        scene.near = several[-1] if several else scene.near  # "chairs with people sitting on them"
    known = len(scene.things)
    group = collect(reader, unit)
    scene.aside, scene.near = [], []
    if reader.negated and not reader.be:
        for index in group:
            _deny(reader, index)
    if not group:
        abstract(reader, phrase)
        return
    reader.led_before = reader.led
    reader.led = reader.prep[0] if reader.prep else ""
    _take(reader, group, unit, comma, known)
    if reader.led != "including":
        reader.nouns = group
        reader.groups.append(group)


def _take(reader: Reader, group: list[int], unit: Unit, comma: bool, known: int) -> None:
    """Give things their part in the clause: place, subject, or object."""
    verb = reader.verb
    if reader.prep:
        _place(reader, group, unit, comma, known)
    elif reader.existential or (reader.nothing and reader.be):
        reader.existential = reader.be = reader.nothing = False
        front(reader, group)
        reader.turn_to(group)
    elif reader.relative is not None:
        reader.relative = None
        reader.turn_to(group)
    elif reader.fronted and verb and not verb.subject and not verb.passive:
        verb.subject, verb.used = group, True  # "on a table sits a vase"
        front(reader, group, verb.lemma)
        reader.turn_to(group)
    elif verb and not verb.objects and not verb.passive and not verb.places:
        _object(reader, verb, group, unit)
    else:
        restart(reader)
        front(reader, group)
        reader.turn_to(group)


def _unread(reader: Reader, phrase: Phrase, comma: bool) -> bool:
    """Whether a noun phrase adds nothing: "a post, likely a bench", "it is unclear what .."."""
    before = reader.units[reader.at - 2].kind if reader.at > 1 else ""
    if comma and not reader.prep and before == "R" and reader.nouns:
        return True
    doubt = reader.peek(1)
    if phrase.pronoun == "it" and reader.peek_kind() == "BE" and doubt is not None and doubt.lemma in words("doubting"):
        reader.skipping = True
    return reader.skipping


def _hangs(reader: Reader) -> bool:
    """Whether "on the wall", "above a bed" comes next."""
    if reader.peek_kind() in ("VG", "VN"):
        return reader.units[reader.at].lemma in ("hang", "mount", "display")
    place = reader.peek(1)
    placed = reader.peek_kind() == "P" and reader.units[reader.at].lemma in ("on", "above", "over")
    return placed and place is not None and place.phrase is not None and place.phrase.det != "" and is_thing(place.phrase)


def _has_face(reader: Reader) -> bool:
    """Whether what is wearing or "with" the coming noun phrase is a person or animal."""
    verb = reader.verb
    if reader.led_by("with"):
        return any(reader.scene.things[i].animate for i in reader.nouns)
    return verb is not None and verb.lemma == "wear"


def _deny(reader: Reader, index: int) -> None:
    thing = reader.scene.things[index]
    if thing.sentence == reader.scene.sentence and reader.scene.recent.count(index) == 1:
        thing.phrase.negated, thing.phrase.count, thing.phrase.at_least = True, 0, None


def _object(reader: Reader, verb: Verb, group: list[int], unit: Unit) -> None:
    verb.objects, verb.used = group, True
    subjects = verb.subject
    if verb.lemma in ("include", "contain", "consist"):
        subjects = inner(reader, subjects, group)
    for subject in subjects:
        for other in group:
            if not verb.negated and not (verb.bare and not reader.scene.things[subject].animate):
                reader.scene.relate(subject, verb.lemma, other, (verb.span[0], unit.span[1]))


def _place(reader: Reader, group: list[int], unit: Unit, comma: bool, known: int) -> None:
    assert reader.prep is not None
    predicate, span = reader.prep
    reader.prep = None
    if reader.quoted and predicate in words("bearing"):
        words_, _, where = reader.scene.texts.pop()
        reader.scene.texts.append((words_, group[0], where))  # "the word "EXIT" is on a sign"
        reader.quoted = False
        return
    if predicate == "without":
        for index in group:
            phrase = reader.scene.things[index].phrase
            phrase.negated, phrase.count, phrase.at_least = True, 0, None
    verb = reader.verb
    placeless = reader.nothing and predicate == "with" and comma and not reader.subject
    if placeless or not (reader.subject or reader.nouns or (verb and verb.subject)):
        if reader.nothing and predicate in ("with", "of", "including"):
            reader.nothing = False
            front(reader, group)
            reader.turn_to(group)
        else:
            reader.fronted.append((predicate, group, (span[0], unit.span[1])))
        return
    if predicate == "with" and comma and group and max(group) < known and all(reader.scene.things[i].animate for i in group):
        reader.turn_to(group)  # "a man and a dog walk, with the man holding a leash"
        close(reader)
        return
    subjects, stated = place_subject(reader, predicate, group, comma)
    if subjects == group and reader.nouns and reader.nouns != group:
        subjects, stated = reader.nouns, None  # "a toilet with a helmet above it"
    if predicate == "including":
        predicate, stated, subjects = "include", None, _members(reader, subjects, group)
    if not (verb and verb.negated):
        _relate(
            reader,
            subjects,
            f"{stated.lemma} {predicate}" if stated else predicate,
            group,
            (min(span[0], stated.span[0]) if stated else span[0], unit.span[1]),
        )
    if verb:
        verb.used = True
        verb.places += 1
    reader.be = False


def _relate(reader: Reader, subjects: list[int], name: str, group: list[int], span: Span) -> None:
    for subject in subjects:
        for other in group:
            reader.scene.relate(subject, name, other, span)


def _members(reader: Reader, subjects: list[int], group: list[int]) -> list[int]:
    """Of what "including" is said: of nothing where one of several alike is told apart ("two boats, including a blue boat")."""
    nouns = {reader.scene.things[i].noun for i in (*subjects, *reader.nouns)}
    if any(reader.scene.things[i].noun in nouns for i in group):
        return []
    return reader.nouns if reader.nouns and reader.scene.things[reader.nouns[-1]].plural else subjects


def _mutual(reader: Reader, unit: Unit) -> None:
    """ "Next to each other": each is so to the others."""
    verb = reader.verb
    group = verb.subject if verb and verb.subject else reader.subject or reader.nouns
    name = f"{verb.lemma} {unit.lemma}" if verb and not verb.used else unit.lemma
    for one in group:
        for other in group:
            reader.scene.relate(one, name, other, unit.span)
    if verb and len(group) > 1:
        verb.used = True


_STEPS: dict[str, Callable[[Reader, Unit], None]] = {
    "BE": take_be,
    "HV": take_have,
    "ADJ": take_adjective,
    "RC": _mutual,
    "C": take_and,
    "MARK": take_mark,
    "S": take_subordinate,
    "W": take_relative,
    "QUOTE": take_quote,
    "EX": take_there,
    "NEG": take_not,
    "MD": take_modal,
    "TO": take_modal,
    "R": take_hedge,
    "DO": take_do,
}
