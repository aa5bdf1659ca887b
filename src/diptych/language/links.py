"""What stands between noun phrases and verbs: prepositions, adjectives, conjunctions, marks, relative pronouns, quotations."""

from diptych.language.lists import mapping, phrases, words
from diptych.language.phrases import Unit
from diptych.language.reader import FINITE, Reader, close, leave, restart


def take_preposition(reader: Reader, unit: Unit, comma: bool) -> None:
    """Keep it for the noun phrase after it; alone it is a particle."""
    following = reader.peek_kind()
    verb = reader.verb
    if following == "NP" and verb and not verb.used and not verb.objects and f"{verb.lemma} {unit.word}" in phrases("particle verbs"):
        return
    if following in ("NP", "QUOTE"):
        unit = _beside(reader, unit)
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


def _beside(reader: Reader, unit: Unit) -> Unit:
    """ "To his right" as "right of him"."""
    side = reader.units[reader.at].phrase
    if side is None or side.owner is None or side.noun not in ("left", "right") or unit.lemma not in ("to", "on", "at") or side.of:
        return unit
    reader.units[reader.at] = Unit("NP", side.owner.noun, side.owner.noun, side.span, side.owner)
    return Unit("P", unit.word, f"{side.noun} of", unit.span)


def take_adjective(reader: Reader, unit: Unit) -> None:
    """Describe the subject of a copula, or the noun before."""
    following = reader.peek()
    verb = reader.verb
    target = reader.subject if reader.be else reader.nouns or reader.subject
    if verb and not verb.used and verb.lemma in words("linking"):
        target, reader.verb = verb.subject, None
    if following is not None and following.kind == "P" and reader.peek_kind(1) == "NP" and unit.lemma in words("governing"):
        reader.at += 1
        listed = not reader.be and reader.led == "with"  # "a toilet and a shelf full of stuff"
        reader.nouns, reader.be = target[-1:] if listed else target, False
        reader.prep = (f"{unit.lemma} {following.lemma}", (unit.span[0], following.span[1]))
        return
    if not reader.negated:
        for index in target:
            reader.scene.describe(index, unit.values)
    reader.be = bool(reader.be and following is not None and following.kind in ("C", "MARK", "VG"))


def take_and(reader: Reader, unit: Unit) -> None:
    """Before a noun phrase a new clause starts."""
    reader.negated = reader.negated and unit.word in ("or", "nor")
    if reader.peek_kind() == "NP":
        restart(reader)
    elif reader.peek_kind() in ("P", "ADJ") and reader.verb is None:
        reader.nouns = reader.subject or reader.nouns


def take_mark(reader: Reader, unit: Unit) -> None:
    """A comma allows a new subject; other marks end the clause."""
    if unit.word not in ",-–—()":
        restart(reader)
        return
    reader.comma = True
    reader.hedged = reader.be = False
    if reader.outer and reader.peek_kind() in (*FINITE, "BE", "HV"):
        close(reader)
        leave(reader)


def take_subordinate(reader: Reader, unit: Unit) -> None:
    """ "while", "as": a new clause, of the same subject before a participle."""
    reader.skipping = False
    keep = reader.peek_kind() in ("VG", "VN")
    restart(reader, keep=True)
    if not keep:
        reader.nouns = []


def take_relative(reader: Reader, unit: Unit) -> None:
    """The antecedent waits for its verb."""
    things = reader.scene.things
    nouns = reader.nouns or reader.subject
    if unit.word in ("who", "whom") and not any(things[i].animate for i in nouns):
        nouns = next((group for group in reversed(reader.groups) if any(things[i].animate for i in group)), nouns)
    verb = reader.verb
    if verb and verb.subject == nouns:
        close(reader)
    reader.relative = nouns
    reader.be = False


def take_quote(reader: Reader, unit: Unit) -> None:
    """Words in the picture, on what says them."""
    verb = reader.verb
    owner = verb.subject if verb and verb.subject and not (reader.prep and reader.nouns) else reader.nouns or reader.subject
    reader.prep = None
    if verb:
        verb.used = True
    reader.quoted = not owner
    reader.scene.texts.append((unit.word, owner[-1] if owner else None, unit.span))


def take_there(reader: Reader, unit: Unit) -> None:
    """The next noun phrase is said to exist."""
    restart(reader)
    reader.existential = True


def take_not(reader: Reader, unit: Unit) -> None:
    """Deny the verb or the noun phrase to come."""
    reader.negated = True


def take_hedge(reader: Reader, unit: Unit) -> None:
    """What comes is not stated as a fact."""
    reader.hedged = True
