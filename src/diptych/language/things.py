"""What counts as a thing, when two mentions can be one, and the thing in the making."""

from dataclasses import dataclass, field

from diptych.data.graphs import Attribute, Entity, Span
from diptych.language.lists import pairs, phrases, words
from diptych.language.multiword import is_name
from diptych.language.nouns import Phrase
from diptych.language.wordnet import can_be_physical, hypernyms, is_animate, is_physical, kind


@dataclass(slots=True)
class Thing:
    """An entity in the making."""

    phrase: Phrase
    sentence: int
    hedged: bool = False
    owner: int | None = None
    attributes: list[tuple[str, Span]] = field(default_factory=list)

    @property
    def noun(self) -> str:
        """Its lemma."""
        return self.phrase.noun

    @property
    def plural(self) -> bool:
        """Whether it is several."""
        return self.phrase.plural or (self.phrase.count or 0) > 1

    @property
    def animate(self) -> bool:
        """Whether it is a person or an animal, or several."""
        return is_animate(self.phrase.noun)


def sides(values: list[tuple[str, Span]]) -> set[str]:
    """Which of left and right is said."""
    return {value for value, _ in values if value in ("left", "right")}


def unlike(one: list[tuple[str, Span]], other: list[tuple[str, Span]]) -> bool:
    """Whether two lists of attributes have no colour in common, or opposite sizes."""
    values = [{value for value, _ in attributes} for attributes in (one, other)]
    colours = [said & words("colours") for said in values]
    return (all(colours) and not colours[0] & colours[1]) or any((a, b) in pairs("opposite") for a in values[0] for b in values[1])


def is_place(noun: str) -> bool:
    """Whether "the room" or "the area" can speak of it."""
    return kind(noun) in ("l", "o") or not hypernyms(noun, 3).isdisjoint(("room", "building"))


def same_noun(one: str, other: str) -> bool:
    """Equal, or a compound and its last word."""
    if {one, other} == {"person", "individual"}:
        return True
    return one == other or one.endswith(f" {other}") or other.endswith(f" {one}")


def entity(thing: Thing) -> Entity:
    """As a frozen value."""
    phrase = thing.phrase
    attributes = tuple(Attribute(value, span) for value, span in thing.attributes)
    return Entity(phrase.noun, phrase.count, phrase.at_least, attributes, phrase.negated, thing.hedged, phrase.span, phrase.count_span)


def is_worn(noun: str) -> bool:
    """Whether a body wears it or has it."""
    return noun in words("worn") or noun.rpartition(" ")[2] in words("worn") or kind(noun) == "b"


def is_thing(phrase: Phrase) -> bool:
    """Whether a noun phrase names something visible, and neither the picture itself nor an abstraction."""
    noun, head = phrase.noun, phrase.head.rpartition(" ")[2]
    if phrase.det == "your":  # spoken to the reader: "ideas for your living room"
        return False
    if phrase.plural and noun in ("picture", "photo", "photograph", "painting", "image"):
        return not phrase.of and phrase.det not in ("these", "the")
    if noun in words("things") or head in words("things") or noun in phrases("seen games") or phrase.hung:
        return True
    if noun == "back" and phrase.owner and phrase.owner.pronoun and not phrase.of:
        return True  # "on her back"
    if noun.startswith("mid-") or head[0].isdigit():
        return False
    if noun in words("colours") and not (noun in ("orange", "violet") and (phrase.plural or phrase.det)):
        return False
    if noun in ("picture", "photo", "photograph") and not phrase.of and any(value in words("looks") for value, _ in phrase.attributes):
        return True
    if noun in words("discourse nouns") or (noun in words("sports") and not phrase.det and not phrase.plural):
        return False
    sided = not words("sides").isdisjoint(phrase.modifier.split(" "))
    if " " in noun and head in words("soft heads") and not sided and (is_name(noun) or is_physical(phrase.modifier or noun)):
        return True
    values = {value for value, _ in phrase.attributes}
    if head in words("not things") and not (values & words("colours") and phrase.det and noun not in words("never seen")):
        return False
    named = noun if is_name(noun) else phrase.head
    seen = (phrase.count or 0) > 1 or not values.isdisjoint(words("looks") | words("colours"))
    return is_physical(named) or (seen and can_be_physical(named))
