"""From units to relations: a sentence is read once, left to right, keeping subject, verb and last noun phrase."""

from collections.abc import Callable

from diptych.language.attach import place_subject
from diptych.language.lists import mapping, phrases, words
from diptych.language.nouns import Phrase
from diptych.language.phrases import Unit
from diptych.language.reader import FINITE, VERBS, Reader, Verb, close, collect, leave, restart
from diptych.language.scene import Scene
from diptych.language.verbs import front, take_be, take_do, take_have, take_modal, take_verb
from diptych.language.wordnet import same_thing


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
            _preposition(reader, unit, comma)
        elif unit.kind in _STEPS:
            _STEPS[unit.kind](reader, unit)
    close(reader)


def _noun(reader: Reader, unit: Unit, comma: bool) -> None:
    phrase = unit.phrase
    assert phrase is not None
    if reader.be and reader.subject and not reader.existential and not reader.prep and not phrase.negated:
        _identify(reader, phrase)
        return
    reader.scene.aside = reader.nouns if reader.prep and phrase.pronoun in ("it", "them", "him", "her") else []
    scene = reader.scene
    if _unread(reader, phrase, comma):
        return
    if phrase.noun == "glass" and phrase.plural and phrase.count is None and phrase.of is None and _has_face(reader):
        phrase.noun, phrase.at_least = "glasses", None
    scene.leading = not (reader.prep or reader.verb)
    group = collect(reader, unit)
    reader.scene.aside = []
    if reader.negated and not reader.be:
        for index in group:
            _deny(reader, index)
    if not group:
        _abstract(reader, phrase)
        return
    reader.led = reader.prep[0] if reader.prep else ""
    _take(reader, group, unit, comma)
    if reader.led != "including":
        reader.nouns = group
        reader.groups.append(group)


def _take(reader: Reader, group: list[int], unit: Unit, comma: bool) -> None:
    """Give things their part in the clause: place, subject, or object."""
    verb = reader.verb
    if reader.prep:
        _place(reader, group, unit, comma)
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


def _has_face(reader: Reader) -> bool:
    """Whether what is wearing or "with" the coming noun phrase is a person or animal."""
    verb = reader.verb
    if reader.led_by("with"):
        return any(reader.scene.things[i].animate for i in reader.nouns)
    return verb is not None and verb.lemma == "wear"


def _identify(reader: Reader, phrase: Phrase) -> None:
    """ "The animal is a brown dog": its adjectives are the subject's; a more exact noun takes the place of a general one."""
    reader.be = False
    reader.nouns = reader.subject
    if reader.peek_kind() == "C" and reader.peek_kind(1) == "NP" and reader.peek_kind(2) not in (*VERBS, "BE", "HV", "MD"):
        reader.at += 2
    for index in reader.subject:
        thing = reader.scene.things[index]
        if not reader.negated:
            reader.scene.describe(index, phrase.attributes)
        if (
            thing.noun in words("general kinds")
            and thing.noun not in ("person", "individual")
            and phrase.noun
            and same_thing(thing.noun, phrase.noun)
            and len(reader.subject) == 1
        ):
            thing.phrase.noun = phrase.noun


def _deny(reader: Reader, index: int) -> None:
    thing = reader.scene.things[index]
    if thing.sentence == reader.scene.sentence and reader.scene.recent.count(index) == 1:
        thing.phrase.negated, thing.phrase.count, thing.phrase.at_least = True, 0, None


def _abstract(reader: Reader, phrase: Phrase) -> None:
    """A noun phrase that names nothing visible."""
    verb = reader.verb
    linked = verb is not None and verb.lemma in words("linking")
    if phrase.noun in words("colours") and (reader.prep or reader.be or linked):
        for index in verb.subject if verb and not verb.used else reader.nouns or reader.subject:
            reader.scene.describe(index, [*phrase.attributes, (phrase.noun, phrase.span)])
        if verb:
            verb.used = True
    if reader.prep:
        reader.prep = None
        if verb:
            verb.places += 1
    elif verb and not verb.objects:
        verb.objects = [-1]
        if verb.lemma in words("activity verbs") and phrase.noun and not verb.negated:
            last = phrase.of or phrase
            value = _activity(verb.lemma, last.noun)
            verb.told = bool(value)
            for index in verb.subject if value and not verb.bare else ():
                reader.scene.describe(index, [(value, (verb.span[0], last.span[1]))])
        verb.used = verb.used or verb.lemma in words("light verbs")
    elif reader.existential or reader.be:
        reader.existential = reader.be = False
    else:
        restart(reader)
        reader.nothing = True
        reader.nouns = []


def _activity(verb: str, noun: str) -> str:
    """ "play tennis", "do a trick": what doing this is called; "" when it shows nothing."""
    game = noun.removesuffix(" match").removesuffix(" game")
    if verb == "play":
        return "play" if game in ("game", "match") else f"play {game if game in words('sports') else noun}"
    return f"{verb} {noun}" if noun.rpartition(" ")[2] in words("feats") else ""


def _object(reader: Reader, verb: Verb, group: list[int], unit: Unit) -> None:
    verb.objects, verb.used = group, True
    for subject in verb.subject:
        for other in group:
            if not verb.negated and not (verb.bare and not reader.scene.things[subject].animate):
                reader.scene.relate(subject, verb.lemma, other, (verb.span[0], unit.span[1]))


def _place(reader: Reader, group: list[int], unit: Unit, comma: bool) -> None:
    assert reader.prep is not None
    predicate, span = reader.prep
    reader.prep = None
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
    subjects, stated = place_subject(reader, predicate, group, comma)
    if not (verb and verb.negated) and predicate != "including":
        name = f"{stated.lemma} {predicate}" if stated else predicate
        start = min(span[0], stated.span[0]) if stated else span[0]
        for subject in subjects:
            for other in group:
                reader.scene.relate(subject, name, other, (start, unit.span[1]))
    if verb:
        verb.used = True
        verb.places += 1
    reader.be = False


def _preposition(reader: Reader, unit: Unit, comma: bool) -> None:
    following = reader.peek_kind()
    verb = reader.verb
    if following == "NP" and verb and not verb.used and not verb.objects and f"{verb.lemma} {unit.word}" in phrases("particle verbs"):
        return
    if following in ("NP", "QUOTE"):
        reader.prep = (unit.lemma, unit.span)
        reader.comma = comma  # for the noun phrase
        if reader.be and reader.subject:
            close(reader)
            reader.nouns = reader.subject
            reader.be = False
    elif following in ("VG", "VN") and unit.lemma in ("by", "for", "of", "in"):
        reader.be = False
    elif reader.verb and not reader.verb.used and f"{reader.verb.lemma} {unit.word}" in mapping("phrasal"):
        reader.verb.lemma = f"{reader.verb.lemma} {unit.word}"


def _adjective(reader: Reader, unit: Unit) -> None:
    following = reader.peek()
    verb = reader.verb
    target = reader.subject if reader.be else reader.nouns or reader.subject
    if verb and not verb.used and verb.lemma in words("linking"):
        target, reader.verb = verb.subject, None
    if following is not None and following.kind == "P" and reader.peek_kind(1) == "NP" and unit.lemma in words("governing"):
        reader.at += 1
        reader.nouns, reader.be = target, False
        reader.prep = (f"{unit.lemma} {following.lemma}", (unit.span[0], following.span[1]))
        return
    if not reader.negated:
        for index in target:
            reader.scene.describe(index, unit.values)
    reader.be = bool(reader.be and following is not None and following.kind in ("C", "MARK", "VG"))


def _and(reader: Reader, unit: Unit) -> None:
    reader.negated = reader.negated and unit.word in ("or", "nor")
    if reader.peek_kind() == "NP":
        restart(reader)
    elif reader.peek_kind() in ("P", "ADJ") and reader.verb is None:
        reader.nouns = reader.subject or reader.nouns


def _mark(reader: Reader, unit: Unit) -> None:
    if unit.word not in ",-–—()":
        restart(reader)
        return
    reader.comma = True
    reader.hedged = reader.be = False
    if reader.outer and reader.peek_kind() in (*FINITE, "BE", "HV"):
        close(reader)
        leave(reader)


def _subordinate(reader: Reader, unit: Unit) -> None:
    reader.skipping = False
    keep = reader.peek_kind() in ("VG", "VN")
    restart(reader, keep=True)
    if not keep:
        reader.nouns = []


def _relative(reader: Reader, unit: Unit) -> None:
    things = reader.scene.things
    nouns = reader.nouns or reader.subject
    if unit.word in ("who", "whom") and not any(things[i].animate for i in nouns):
        nouns = next((group for group in reversed(reader.groups) if any(things[i].animate for i in group)), nouns)
    verb = reader.verb
    if verb and verb.subject == nouns:
        close(reader)
    reader.relative = nouns
    reader.be = False


def _quote(reader: Reader, unit: Unit) -> None:
    verb = reader.verb
    owner = verb.subject if verb and verb.subject and not (reader.prep and reader.nouns) else reader.nouns or reader.subject
    reader.prep = None
    if verb:
        verb.used = True
    reader.scene.texts.append((unit.word, owner[-1] if owner else None, unit.span))


def _there(reader: Reader, unit: Unit) -> None:
    restart(reader)
    reader.existential = True


def _not(reader: Reader, unit: Unit) -> None:
    reader.negated = True


def _hedge(reader: Reader, unit: Unit) -> None:
    reader.hedged = True


_STEPS: dict[str, Callable[[Reader, Unit], None]] = {
    "BE": take_be,
    "HV": take_have,
    "ADJ": _adjective,
    "C": _and,
    "MARK": _mark,
    "S": _subordinate,
    "W": _relative,
    "QUOTE": _quote,
    "EX": _there,
    "NEG": _not,
    "MD": take_modal,
    "TO": take_modal,
    "R": _hedge,
    "DO": take_do,
}
