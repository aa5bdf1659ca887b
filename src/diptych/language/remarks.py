"""Noun phrases that name no thing of their own: "is a brown dog", "with a clean design", "plays tennis"."""

from diptych.language.lists import words
from diptych.language.nouns import Phrase
from diptych.language.reader import VERBS, Reader, Verb, restart
from diptych.language.things import is_thing
from diptych.language.wordnet import same_thing


def identify(reader: Reader, phrase: Phrase) -> None:
    """ "The animal is a brown dog": its adjectives are the subject's; a more exact noun takes the place of a general one."""
    reader.be = False
    reader.nouns = reader.subject
    if reader.peek_kind() == "C" and reader.peek_kind(1) == "NP" and reader.peek_kind(2) not in (*VERBS, "BE", "HV", "MD"):
        reader.at += 2
    before = reader.units[reader.at - 3] if reader.at > 2 else None
    if (
        phrase.noun
        and before is not None
        and before.phrase is not None
        and before.phrase.pronoun in ("it", "this")
        and not is_thing(phrase)
    ):
        reader.skipping = True  # "it is a beautiful day for .."
        return
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


def abstract(reader: Reader, phrase: Phrase) -> None:
    """A noun phrase that names nothing visible."""
    verb = reader.verb
    _qualify(reader, phrase)
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


def _qualify(reader: Reader, phrase: Phrase) -> None:
    """Give a colour or the adjectives of a design to what has it."""
    verb = reader.verb
    linked = verb is not None and verb.lemma in words("linking")
    quality = phrase.head.rpartition(" ")[2] in words("qualities") and (
        (reader.prep is not None and reader.prep[0] in ("with", "in")) or _owns(verb)
    )
    if quality:
        owner = verb.subject if verb and (not reader.prep or not verb.objects) else reader.nouns or reader.subject
        for index in owner:
            reader.scene.describe(index, phrase.attributes)
        if verb and phrase.attributes:
            verb.used = True
    elif phrase.noun in words("colours") and (reader.prep or reader.be or linked):
        for index in verb.subject if verb and not verb.used else reader.nouns or reader.subject:
            reader.scene.describe(index, [*phrase.attributes, (phrase.noun, phrase.span)])
        if verb:
            verb.used = True


def _owns(verb: Verb | None) -> bool:
    return verb is not None and verb.lemma in ("have", "feature") and not verb.negated


def _activity(verb: str, noun: str) -> str:
    """ "play tennis", "do a trick": what doing this is called; "" when it shows nothing."""
    game = noun.removesuffix(" match").removesuffix(" game")
    if verb == "play":
        return "play" if game in ("game", "match") else f"play {game if game in words('sports') else noun}"
    return f"{verb} {noun}" if noun.rpartition(" ")[2] in words("feats") else ""
