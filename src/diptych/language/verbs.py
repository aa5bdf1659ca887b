"""Verbs of a clause: who does it, what it says of the picture itself, auxiliaries."""

from diptych.language.attach import participle_subject
from diptych.language.lists import words
from diptych.language.phrases import Unit
from diptych.language.reader import FINITE, Reader, Verb, close, leave


def front(reader: Reader, group: list[int], lemma: str = "") -> None:
    """Give the subject the places named before it: "in the kitchen, a cat"."""
    for predicate, places, span in reader.fronted:
        for subject in group:
            for place in places:
                reader.scene.relate(subject, f"{lemma} {predicate}".strip(), place, span)
    if group:
        reader.fronted = []


def take_verb(reader: Reader, unit: Unit, comma: bool) -> None:
    """Open a verb, unless it only says how the picture shows what it shows."""
    if unit.lemma in words("seeming") and (reader.peek_kind() in ("TO", "ADJ", "VG", "VN")):
        reader.be = reader.hedged = True
        if reader.relative is not None:
            _verb_subject(reader, unit, comma)
        return
    if _shows(reader, unit):
        close(reader)
        reader.existential = not reader.subject
        reader.be, reader.infinitive = True, False
        return
    if _interprets(reader, unit):
        close(reader)
        reader.skipping = True
        return
    subject = _verb_subject(reader, unit, comma)
    bare = reader.infinitive or reader.soon
    if reader.infinitive and reader.verb and not reader.verb.used and reader.verb.lemma in words("trying"):
        bare, reader.verb = False, None
    earlier = reader.units[reader.at - 2] if reader.at > 1 else None
    if reader.verb and earlier is not None and earlier.span == reader.verb.span and reader.verb.lemma in words("trying"):
        reader.verb = None  # "go surfing", "start running"
    close(reader)
    passive = unit.kind == "VN" and not reader.perfect
    reader.verb = Verb(unit.lemma, subject, unit.span, passive, negated=reader.negated, bare=bare)
    reader.be = reader.infinitive = reader.perfect = reader.soon = False
    reader.prep = None
    reader.finite = reader.finite or unit.kind in FINITE
    front(reader, subject)


def _shows(reader: Reader, unit: Unit) -> bool:
    """ "The image shows ..", "a dog is seen ..": the verb speaks of the picture."""
    if unit.lemma not in words("showing"):
        return False
    return unit.kind == "VN" or (not reader.subject and reader.nothing and unit.kind in FINITE)


def _interprets(reader: Reader, unit: Unit) -> bool:
    """ "suggesting that ..", "making it ..": what follows is no statement about the picture."""
    following = reader.peek()
    subject = reader.subject if reader.relative is None else reader.relative
    animate = any(reader.scene.things[i].animate for i in subject)
    remark = not animate or (following is not None and following.word in ("it", "them"))
    if unit.kind == "VG" and unit.lemma in ("make", "give") and remark:
        return True
    if unit.lemma == "make" and following is not None and following.phrase is not None and following.phrase.pronoun in ("it", "them"):
        return True
    before = reader.units[reader.at - 2].kind if reader.at > 1 else ""
    return unit.lemma in words("interpreting") and before != "BE" and (unit.kind == "VG" or not animate)


def _verb_subject(reader: Reader, unit: Unit, comma: bool) -> list[int]:
    """Who does what the verb says."""
    if reader.relative is not None:
        antecedent, reader.relative = reader.relative, None
        reader.outer = reader.outer or (reader.subject, reader.finite)
        reader.turn_to(antecedent)
        return antecedent
    verb = reader.verb
    caused = verb is not None and verb.lemma in words("causing") and verb.objects[:1] not in ([], [-1])
    if verb and (reader.infinitive or (unit.kind == "V" and caused and reader.nouns == verb.objects)):
        return verb.objects if caused else verb.subject
    if unit.kind in FINITE and not reader.be and not reader.infinitive:
        if reader.outer and not reader.outer[1] and verb is not None:
            leave(reader)
        return reader.subject
    before = reader.units[reader.at - 2].kind if reader.at > 1 else ""
    if before == "C" and verb:
        return verb.subject
    if comma and unit.kind == "VN" and reader.led == "with" and not reader.be:
        return reader.nouns
    if reader.be or reader.infinitive or comma or before == "S":
        return reader.subject
    return participle_subject(reader, unit.lemma, reader.peek_kind() == "NP", unit.kind == "VN")


def take_be(reader: Reader, unit: Unit) -> None:
    """Open a copula or an auxiliary."""
    if reader.relative is not None:
        reader.outer = reader.outer or (reader.subject, reader.finite)
        reader.turn_to(reader.relative)
        reader.relative = None
    elif reader.outer and not reader.outer[1] and (reader.nouns != reader.subject or reader.verb):
        leave(reader)
    close(reader)
    reader.be = reader.finite = True
    reader.negated = reader.infinitive = False
    reader.existential = reader.existential or (reader.nothing and not reader.subject)


def take_have(reader: Reader, unit: Unit) -> None:
    """ "have" as a verb of its own, or as an auxiliary."""
    if reader.peek_kind() in ("VN", "VD", "BE"):
        if reader.relative is not None:
            _verb_subject(reader, unit, False)
        reader.be = reader.perfect = True
        return
    subject = _verb_subject(reader, Unit("VZ", unit.word, "have", unit.span), False)
    if not reader.subject and reader.nothing:
        reader.existential = True
        return
    close(reader)
    reader.verb = Verb("have", subject, unit.span, negated=reader.negated)
    reader.finite, reader.be = True, False


def take_do(reader: Reader, unit: Unit) -> None:
    """ "do" with an object; as an auxiliary it says nothing."""
    if reader.peek_kind() == "NP":
        take_verb(reader, Unit("VZ", unit.word, "do", unit.span), False)


def take_modal(reader: Reader, unit: Unit) -> None:
    """ "to", "can", "may": the verb after it is not, or not yet, done."""
    if reader.peek_kind() == "BE":
        reader.at += 1
        take_be(reader, unit)
        return
    if unit.lemma == "soon":
        reader.soon = True
        return
    reader.infinitive = unit.kind == "TO"
    if unit.kind == "TO":
        reader.be = reader.be and reader.hedged
