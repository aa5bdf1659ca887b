"""The things a caption speaks of, found again when they are mentioned again, and what is said of them."""

from dataclasses import dataclass, field, replace

from diptych.data.graphs import Attribute, Entity, Quote, Relation, SceneGraph, Span
from diptych.language.lists import words
from diptych.language.multiword import is_name
from diptych.language.phrases import Phrase
from diptych.language.wordnet import is_animate, is_physical, kind, same_thing

DEFINITE = frozenset(
    ("the", "this", "that", "these", "those", "both", "all", "'s", "each", "its", "his", "her", "their", "my", "your", "our")
)
PERSONS = frozenset(("he", "she", "him", "her", "his", "himself", "herself"))
PLURAL = frozenset(("they", "them", "their", "themselves", "these", "those", "both", "all"))
SINGLE = frozenset(("it", "its", "itself", "this", "that"))


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


@dataclass(slots=True)
class Scene:
    """What has been read so far."""

    things: list[Thing] = field(default_factory=list)
    relations: list[tuple[int, str, int, Span]] = field(default_factory=list)
    texts: list[tuple[str, int | None, Span]] = field(default_factory=list)
    recent: list[int] = field(default_factory=list)  # mentions, oldest first
    group: list[int] = field(default_factory=list)  # the last things joined by "and"
    sentence: int = 0

    def mention(self, phrase: Phrase, *, hedged: bool = False) -> list[int]:
        """The entities a noun phrase speaks of, made when new; none for what is no thing."""
        if phrase.pronoun and not phrase.noun:
            found = self._antecedents(phrase)
            for index in found[:1] if len(found) == 1 else ():
                self.describe(index, phrase.attributes)
            return found
        owner = self.mention(phrase.owner) if phrase.owner else []
        inner = self.mention(phrase.of, hedged=hedged) if phrase.of else []
        if not is_thing(phrase):
            return []
        index = self._earlier(phrase, owner)
        if index is None:
            index = len(self.things)
            self.things.append(Thing(phrase, self.sentence, hedged, owner[0] if owner else None))
        else:
            self._update(index, phrase)
        self.describe(index, phrase.attributes)
        self.recent.append(index)
        for other in inner:
            if other != index:
                self.relate(index, "of", other, (phrase.span[0], phrase.of.span[1] if phrase.of else phrase.span[1]))
        if phrase.quote:
            self.texts.append((phrase.quote[0], index, phrase.quote[1]))
        return [index]

    def describe(self, index: int, values: list[tuple[str, Span]]) -> None:
        """Add attributes that are not there yet."""
        known = {value for value, _ in self.things[index].attributes}
        self.things[index].attributes += [(value, span) for value, span in dict(values).items() if value not in known]

    def relate(self, subject: int, predicate: str, other: int, span: Span) -> None:
        """Add a relation that is not there yet."""
        if subject != other and not any((s, p, o) == (subject, predicate, other) for s, p, o, _ in self.relations):
            self.relations.append((subject, predicate, other, (min(span), max(span))))

    def _update(self, index: int, phrase: Phrase) -> None:
        thing = self.things[index].phrase
        if thing.count is None and phrase.count is not None and phrase.plural and not phrase.negated:
            thing.count, thing.at_least, thing.count_span = phrase.count, None, phrase.count_span
        if len(phrase.noun) > len(thing.noun) and phrase.noun.endswith(f" {thing.noun}"):
            thing.noun = phrase.noun

    def _antecedents(self, phrase: Phrase) -> list[int]:
        word = phrase.pronoun
        order = list(dict.fromkeys(reversed(self.recent)))
        if word in PERSONS:
            wanted = [
                i
                for i in order
                if not self.things[i].plural and (kind(self.things[i].noun) in ("p", "a", "") and is_animate(self.things[i].noun))
            ]
            side = words("female") if word in ("she", "her", "herself") else words("male")
            return (
                [i for i in wanted if self.things[i].phrase.head in side]
                or [i for i in wanted if kind(self.things[i].noun) == "p"]
                or wanted
            )[:1]
        if word in PLURAL:
            animate = [i for i in order if self.things[i].plural and is_animate(self.things[i].noun)]
            if len(self.group) > 1 and (not animate or self.recent.index(self.group[0]) > -1):
                return list(self.group) if not animate or animate[0] in self.group else animate[:1]
            return (animate or [i for i in order if self.things[i].plural])[:1] or (order[:1] if word in ("their", "them", "they") else [])
        if word in SINGLE:
            return ([i for i in order if not self.things[i].plural and kind(self.things[i].noun) != "p"] or [])[:1]
        if word in ("one", "other", "another", "others", "each", "some", "several", "many", "all", "both", "num"):
            return ([i for i in order if self.things[i].plural] or order)[:1]
        return []

    def _earlier(self, phrase: Phrase, owner: list[int]) -> int | None:
        """The entity mentioned before that this noun phrase speaks of again."""
        for index in dict.fromkeys(reversed(self.recent)):
            thing = self.things[index]
            if thing.phrase.negated != phrase.negated:
                continue
            same = thing.noun == phrase.noun or (phrase.head == thing.phrase.head and (not phrase.modifier or not thing.phrase.modifier))
            if phrase.pronoun in ("other", "another", "others"):
                if same and thing.plural and not phrase.plural:
                    return index
                continue
            if phrase.det in DEFINITE:
                if owner and thing.owner is not None and owner[0] != thing.owner:
                    continue
                general = phrase.noun in words("general kinds") and same_thing(thing.noun, phrase.noun)
                if (same or (general and phrase.det != "'s")) and (thing.plural == phrase.plural or same):
                    return index
            elif same and self._restated(thing, phrase):
                return index
        return None

    def _restated(self, thing: Thing, phrase: Phrase) -> bool:
        if phrase.det == "num" and thing.plural and (phrase.count == 1 or phrase.at_least):
            return thing.sentence != self.sentence or phrase.count == 1
        if phrase.plural and phrase.det == "" and thing.plural:
            return True
        if phrase.det == "" and not phrase.plural and not thing.plural and phrase.noun in words("mass"):
            return True
        return phrase.count is not None and phrase.count > 1 and phrase.count == thing.phrase.count and thing.sentence != self.sentence

    def graph(self) -> SceneGraph:
        """As frozen values, with what belongs to an owner and is not yet related to it."""
        linked = {(s, o) for s, _, o, _ in self.relations} | {(o, s) for s, _, o, _ in self.relations}
        relations = [Relation(s, p, o, span) for s, p, o, span in self.relations]
        for index, thing in enumerate(self.things):
            if thing.owner is not None and thing.owner != index and (thing.owner, index) not in linked:
                relations.append(Relation(thing.owner, "have", index, thing.phrase.span))
        return SceneGraph(tuple(_entity(thing) for thing in self.things), tuple(relations), tuple(Quote(*text) for text in self.texts))


def _entity(thing: Thing) -> Entity:
    phrase = thing.phrase
    attributes = tuple(Attribute(value, span) for value, span in thing.attributes)
    return Entity(phrase.noun, phrase.count, phrase.at_least, attributes, phrase.negated, thing.hedged, phrase.span, phrase.count_span)


def is_thing(phrase: Phrase) -> bool:
    """Whether a noun phrase names something visible, and neither the picture itself nor an abstraction."""
    if phrase.noun in words("not things") or phrase.noun in words("discourse nouns"):
        return False
    if is_name(phrase.noun):
        return is_physical(phrase.noun)
    return phrase.head not in words("not things") and is_physical(phrase.head)


def copy(phrase: Phrase) -> Phrase:
    """A phrase that can be changed without changing the first."""
    return replace(phrase, attributes=list(phrase.attributes))
