"""Which thing a participle or a preposition belongs to, by what kinds of thing are at hand."""

from diptych.language.lists import phrases, words
from diptych.language.reader import Reader, Verb
from diptych.language.things import Thing, is_worn
from diptych.language.wordnet import hypernyms, kind

VEHICLES = frozenset(("vehicle", "craft", "wheeled vehicle"))


def _last(reader: Reader, group: list[int]) -> Thing | None:
    return reader.scene.things[group[-1]] if group and group[-1] >= 0 else None


def _worn(thing: Thing | None) -> bool:
    if thing is None:
        return False
    return is_worn(thing.noun)


def _mobile(thing: Thing | None) -> bool:
    if thing is None:
        return False
    return thing.animate or thing.noun in words("mobile") or not hypernyms(thing.noun, 5).isdisjoint(VEHICLES)


def inner(reader: Reader, group: list[int], others: list[int]) -> list[int]:
    """The food of "a plate of food" where food is said of it; else the group itself."""
    if not group or not others or any(kind(reader.scene.things[i].noun) not in ("e", "v") for i in others):
        return group
    if len(group) > 1 and reader.led_before == "with":
        group = group[-1:]
    within = [o for s, p, o, _ in reader.scene.relations if s in group and p == "of" and kind(reader.scene.things[o].noun) == "e"]
    holder = _last(reader, group)
    return within if within and not set(within) & set(others) and holder is not None and holder.phrase.head in words("holders") else group


def _on_surface(predicate: str, last: Thing | None) -> bool:
    """ "A picture on the wall above the toilet": the picture is above it."""
    return last is not None and last.phrase.head in ("wall", "ceiling", "floor", "ground") and predicate in phrases("around")


def _contains(reader: Reader) -> bool:
    """Whether the last noun phrase is what a plate or a dish holds: "a plate with a sandwich and fries"."""
    subject, last = _last(reader, reader.subject), _last(reader, reader.nouns)
    if subject is None or last is None or reader.led_before != "with" or reader.nouns == reader.subject:
        return False
    return (subject.phrase.head in words("holders") and kind(subject.noun) != "b") or (kind(subject.noun) == kind(last.noun) == "e")


def participle_subject(reader: Reader, lemma: str, transitive: bool, passive: bool = False) -> list[int]:
    """Who does what an -ing form or participle after a noun phrase says: the nearest thing that can."""
    order = [group for group in reversed(reader.groups) if group] or [reader.nouns or reader.subject]
    if reader.led == "with" and len(order[0]) > 1 and not all(reader.scene.things[i].plural for i in order[0]):
        order.insert(0, order[0][-1:])  # "a couch and a lamp standing in a corner"
        if lemma in words("state participles"):
            return order[0]
    things = [_last(reader, group) for group in order]
    if lemma in words("state participles") and not transitive:
        return reader.nouns or order[0]
    if reader.led == "with" and passive and not transitive:
        return order[0]
    if reader.led == "with" and not transitive and not (things[0] is not None and _worn(things[0]) and lemma in words("moving")):
        return order[0]
    if lemma in words("moving") and not transitive:
        able = [_mobile(thing) for thing in things]
    elif lemma in words("posture") and not transitive:
        able = [thing is not None and not _worn(thing) for thing in things]
        if things[0] is not None and (kind(things[0].noun) in ("l", "o") or things[0].phrase.head in words("grounds")):
            beings = [thing is not None and thing.animate for thing in things]
            able = beings if True in beings else able  # "a boy in a backyard standing .."
    else:
        able = [thing is not None and thing.animate for thing in things]
        crowds = [thing is not None and thing.noun in words("animate groups") for thing in things]
        if any(one and not crowd for one, crowd in zip(able, crowds, strict=True)):
            able = [one and not crowd for one, crowd in zip(able, crowds, strict=True)]  # "a lady in a crowd holding a flag"
    if True in able:
        return order[able.index(True)]
    return reader.nouns or order[0]


def place_subject(reader: Reader, predicate: str, group: list[int], after_comma: bool) -> tuple[list[int], Verb | None]:
    """What a prepositional phrase is said of, and the verb when it is part of what the verb says."""
    verb, nouns, subject = reader.verb, reader.nouns, reader.subject
    if verb is None:
        return _without_verb(reader, predicate, group, after_comma), None
    if not verb.used and not verb.places and (not verb.objects or verb.objects == [-1]):
        return verb.subject, verb
    if verb.objects == [-1] and not verb.places:
        return verb.subject, None
    if after_comma:
        return verb.subject or subject, None
    if verb.objects and not verb.places and nouns == verb.objects:
        return _after_object(reader, verb, predicate, group)
    return _after_place(reader, verb, predicate, group)


def _in_hand(reader: Reader) -> bool:
    """Whether "in his hand", "on her back" comes next."""
    place = reader.peek(1)
    return reader.peek_kind() == "P" and place is not None and place.phrase is not None and kind(place.phrase.noun) == "b"


def _without_verb(reader: Reader, predicate: str, group: list[int], after_comma: bool) -> list[int]:
    nouns, subject, target = reader.nouns, reader.subject, _last(reader, group)
    if predicate == "with":
        nouns = inner(reader, nouns, group)
    if not nouns or nouns == subject or not subject:
        return nouns or subject
    if target is not None and target.owner is not None and predicate == "with" and target.owner in subject:
        return [target.owner]
    if predicate in words("supporting") and _contains(reader) and target is not None and target.phrase.head not in words("dishes"):
        return subject
    if predicate == "with" and _in_hand(reader):
        return subject
    carried = predicate == "with" and target is not None and (target.animate or _worn(target))
    if after_comma or carried or (_worn(_last(reader, nouns)) and not _limb(reader)):
        return subject
    last, first = _last(reader, nouns), _last(reader, subject)
    if _on_surface(predicate, last):
        return subject
    in_water = last is not None and last.noun in words("surroundings") and reader.led_before in ("in", "on")
    if in_water and predicate in ("on", "with", "near", "next to") and target is not None and kind(target.noun) not in ("l", "o", "v"):
        return subject
    if (
        predicate in phrases("sideways")
        and target is not None
        and last is not None
        and first is not None
        and reader.led_before in ("on", "on top of")
    ):
        alike = kind(target.noun) == kind(first.noun) != kind(last.noun)
        return subject if alike or last.phrase.head in words("holders") else nouns
    return nouns


def _limb(reader: Reader) -> bool:
    """Whether the last noun phrase is part of a body and told as such: "with one foot on a skateboard"."""
    last = _last(reader, reader.nouns)
    return last is not None and kind(last.noun) == "b" and reader.led_before == "with"


def _own(reader: Reader, verb: Verb, owner: int) -> bool:
    """Whether what is named belongs to the subject or to the last noun phrase: "next to him with her arms crossed"."""
    return owner in verb.subject or owner in reader.nouns or owner in reader.subject


def _in_surroundings(predicate: str, target: Thing | None, last: Thing | None, doer: Thing | None) -> bool:
    """ "Riding a wave on a surfboard in the ocean": a being on something carried is itself in the sea or the snow."""
    if target is None or last is None or doer is None or predicate not in ("in", "at") or not doer.animate:
        return False
    outside = kind(target.noun) == "o" or target.noun in words("surroundings")
    return outside and last.noun.rpartition(" ")[2] in words("carried boards")


def _after_object(reader: Reader, verb: Verb, predicate: str, group: list[int]) -> tuple[list[int], Verb | None]:
    """ "hit a ball with a bat", "hold a bat in his hand", "eat pizza at a table"."""
    target, last = _last(reader, group), _last(reader, reader.nouns)
    doer = _last(reader, verb.subject)
    if verb.bare and not verb.places and predicate in ("on", "in") and target is not None and not target.animate:
        return reader.nouns, None  # "to tighten the bolts on the tank"
    if predicate in ("into", "onto") and verb.lemma not in ("ride", "drive", "steer", "follow"):
        return reader.nouns, verb  # "to slide the pizza into the oven"
    if target is not None and target.noun in ("rain", "snow", "fog", "storm", "wind", "sunlight"):
        return verb.subject, verb
    if verb.lemma == "fly" and target is not None and target.noun in ("air", "sky"):
        return reader.nouns, None
    if predicate == "in" and last is not None and last.phrase.head in ("toilet", "sink", "bathtub", "window", "door", "wall", "building"):
        return reader.nouns, None
    if predicate == "with" and is_worn(target.noun if target else "") and doer is not None and doer.animate:
        return verb.subject, None
    if predicate == "with":
        tool = verb.lemma in words("tool verbs") and not (last is not None and (kind(last.noun) == "e" or last.noun in words("holders")))
        return (verb.subject, verb) if tool else (reader.nouns, None)
    if predicate in phrases("sideways") and doer is not None and doer.animate and verb.lemma in ("hold", "carry") and group != verb.subject:
        return verb.subject, verb
    placed = target is not None and kind(target.noun) not in ("l", "o")
    if verb.lemma in ("hold", "carry") and predicate == "in" and target is not None and target.phrase.head in words("grounds"):
        return verb.subject, verb
    if verb.lemma in words("placing") and (placed or verb.lemma == "have"):
        return reader.nouns, None
    if target is not None and target.phrase.head in words("holders"):
        return reader.nouns, None
    if last is not None and (_worn(last) or verb.lemma == "wear"):
        return verb.subject, None
    return verb.subject, verb


def _after_place(reader: Reader, verb: Verb, predicate: str, group: list[int]) -> tuple[list[int], Verb | None]:
    """ "sit on a bench next to a dog", "walk down a street with a dog"."""
    target, last, nouns = _last(reader, group), _last(reader, reader.nouns), reader.nouns or verb.subject
    doer = _last(reader, verb.subject)
    if target is not None and target.owner is not None and predicate == "with" and _own(reader, verb, target.owner):
        return [target.owner], None
    if predicate == "with" and _in_hand(reader):
        return verb.subject, None
    if _in_surroundings(predicate, target, last, doer):
        return verb.subject, verb
    if _on_surface(predicate, last):
        return verb.subject, None
    if predicate == "with":
        nouns = inner(reader, nouns, group)
        ground = last is not None and last.phrase.head in words("grounds")
        portable = target is not None and kind(target.noun) not in ("l", "o", "v") and target.noun not in words("fixed")
        carried = target is not None and (target.animate or _worn(target) or (ground and portable))
        return (verb.subject if carried and doer is not None and doer.animate and not (last and last.animate) else nouns), None
    if predicate in words("directed"):
        return verb.subject, verb
    if target is not None and target.animate and not (last is not None and last.animate):
        return verb.subject, None
    return (verb.subject if _worn(last) and not _limb(reader) else nouns), None
