"""The things a caption speaks of, found again when they are mentioned again, and what is said of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from diptych.data.graphs import Quote, Relation, SceneGraph, Span
from diptych.language.lists import words
from diptych.language.nouns import Phrase
from diptych.language.things import Thing, entity, is_place, is_thing, is_worn, same_noun, sides, unlike
from diptych.language.wordnet import kind, same_thing, synonyms

DEFINITE = frozenset(
    ("the", "this", "that", "these", "those", "both", "all", "'s", "each", "its", "his", "her", "their", "my", "your", "our")
)
PERSONS = frozenset(("he", "she", "him", "her", "his", "himself", "herself"))
THEY = frozenset(("they", "them", "their", "themselves", "these", "those", "both", "all"))
SINGLE = frozenset(("it", "its", "itself", "this", "that"))
PARTS = frozenset(("one", "other", "another", "others", "each", "some", "several", "many", "all", "both", "num", "few", "most"))


@dataclass(slots=True)
class Scene:
    """What has been read so far."""

    things: list[Thing] = field(default_factory=list)
    relations: list[tuple[int, str, int, Span]] = field(default_factory=list)
    texts: list[tuple[str, int | None, Span]] = field(default_factory=list)
    recent: list[int] = field(default_factory=list)  # mentions, oldest first
    group: list[int] = field(default_factory=list)  # the last things joined by "and"
    company: list[int] = field(default_factory=list)  # the last beings joined by "and"
    focus: list[int] = field(default_factory=list)  # the subject of the clause being read, or of the last
    aside: list[int] = field(default_factory=list)  # what a pronoun here cannot mean: "food on it"
    known: set[tuple[int, str, int]] = field(default_factory=set)
    near: list[int] = field(default_factory=list)  # what a pronoun here means first: "a bench with a cat on it"
    sentence: int = 0
    leading: bool = True  # the noun phrase being read is no object and no place
    adding: bool = False  # the sentence says "also" or "another"

    def mention(self, phrase: Phrase, *, hedged: bool = False) -> list[int]:
        """The entities a noun phrase speaks of, made when new; none for what is no thing."""
        found = self._pointed(phrase)
        if found is not None:
            for index in found[:1] if len(found) == 1 else ():
                self.describe(index, phrase.attributes)
            self.recent += found
            return found
        if phrase.noun == "group" and not phrase.of:
            phrase.noun, phrase.count, phrase.at_least, phrase.plural, phrase.count_span = "person", None, 2, True, phrase.span
        owner = self.mention(phrase.owner) if phrase.owner else []
        if not is_thing(phrase):
            return self.mention(phrase.of, hedged=hedged) if phrase.of else []
        earlier = self._earlier(phrase, owner)
        index = len(self.things) if earlier is None else earlier
        if earlier is None:
            self.things.append(Thing(phrase, self.sentence, hedged, owner[0] if owner else None))
        else:
            self._update(index, phrase)
        self.describe(index, phrase.attributes)
        if phrase.of:
            for other in self.mention(phrase.of, hedged=hedged):
                self.relate(index, "of", other, (phrase.span[0], phrase.of.span[1]))
        self.recent.append(index)
        if phrase.quote:
            self.texts.append((phrase.quote[0], index, phrase.quote[1]))
        return [index]

    def describe(self, index: int, values: list[tuple[str, Span]]) -> None:
        """Add attributes that are not there yet."""
        thing = self.things[index]
        known = {value for value, _ in thing.attributes}
        for value, span in values:
            if value not in known:
                thing.attributes.append((value, span))
                known.add(value)

    def relate(self, subject: int, predicate: str, other: int, span: Span) -> None:
        """Add a relation that is not there yet."""
        if subject != other and (subject, predicate, other) not in self.known:
            self.known.add((subject, predicate, other))
            self.relations.append((subject, predicate, other, (min(span), max(span))))

    def _update(self, index: int, phrase: Phrase) -> None:
        thing = self.things[index].phrase
        if thing.count is None and phrase.count is not None and phrase.plural and not phrase.negated:
            thing.count, thing.at_least, thing.count_span = phrase.count, None, phrase.count_span

    def _pointed(self, phrase: Phrase) -> list[int] | None:
        """What a pronoun or "the group" speaks of; None for a noun of its own."""
        if phrase.pronoun and not phrase.noun:
            return self._antecedents(phrase.pronoun)
        if self._together(phrase):
            return list(self.company)
        if phrase.noun in words("gathered") and phrase.det in DEFINITE and not phrase.of:
            return [i for i in self._antecedents("they") if self.things[i].plural or len(self.group) > 1] or None
        return None

    def _together(self, phrase: Phrase) -> bool:
        """ "Both individuals", "the two skiers": the persons that "and" has joined."""
        if (
            len(self.company) < 2
            or not phrase.plural
            or phrase.det not in DEFINITE
            or kind(phrase.head) != "p"
            or phrase.of
            or phrase.owner
        ):
            return False
        joined = [self.things[i] for i in self.company]
        known = any(thing.noun == phrase.noun and thing.plural for thing in self.things)
        named = phrase.noun in ("person", "individual") or phrase.count == len(joined)
        return named and not known and all(kind(thing.noun) == "p" and not thing.plural for thing in joined)

    def _order(self) -> list[int]:
        """Mentions, the subject first, then the latest."""
        return [i for i in dict.fromkeys([*self.near, *self.focus, *self.recent[:-200:-1]]) if i not in self.aside]

    def _antecedents(self, word: str) -> list[int]:
        things, order = self.things, self._order()
        if word in PERSONS:
            wanted = [i for i in order if not things[i].plural and things[i].animate]
            side = words("female" if word in ("she", "her", "herself") else "male")
            other = words("male" if word in ("she", "her", "herself") else "female")
            fitting = [i for i in wanted if things[i].phrase.head in side] or [i for i in wanted if things[i].phrase.head not in other]
            return ([i for i in fitting if kind(things[i].noun) == "p"] or fitting or wanted)[:1]
        if word in THEY:
            return self._they(word, order)
        if word in SINGLE:
            if word == "its" and self.focus and self.things[self.focus[0]].owner is not None:
                order = [*(owner for i in self.focus if (owner := self.things[i].owner) is not None), *order]
            single = [i for i in order if (not things[i].plural or i in self.focus) and kind(things[i].noun) != "p"]
            likely = [i for i in single if not is_worn(things[i].noun)] or single
            return ([i for i in likely if things[i].phrase.count == 1] or likely)[:1]
        if word in PARTS:
            return ([i for i in order if things[i].plural] or ([] if word in ("one", "num", "others") else order))[:1]
        return []

    def _they(self, word: str, order: list[int]) -> list[int]:
        things = self.things
        if len(self.focus) > 1 and self.focus[0] in order:
            return list(self.focus)
        joined = self.group if self.group[1:] and all(things[i].animate for i in self.group) else self.company or self.group
        joined = joined if len(joined) > 1 and not set(joined) & set(self.aside) else []
        tests: list[Callable[[int], bool]] = [
            lambda i: things[i].animate and (things[i].plural or things[i].noun in words("animate groups")),
            lambda i: i in joined and things[i].animate,
            lambda i: i in self.focus and things[i].animate,
            lambda i: things[i].plural,
            lambda i: i in joined,
            lambda i: things[i].animate,
        ]
        if self.near and word == "them":
            return list(self.near)
        if not joined and not any(things[i].plural for i in order if things[i].animate):
            pair = [i for i in order if things[i].animate and not things[i].plural and self.sentence - things[i].sentence < 2]
            if len(pair) == 2 and all(kind(things[i].noun) == "p" for i in pair):
                return sorted(pair)  # "a man .. a woman .. They"
        if word != "they":  # "her board": what someone has is most often the subject's
            tests.insert(0, tests[2])
        for test in tests:
            found = next((i for i in order if test(i)), None)
            if found is not None:
                return list(joined) if found in joined else [found]
        return []

    def _earlier(self, phrase: Phrase, owner: list[int]) -> int | None:
        """The entity mentioned before that this noun phrase speaks of again; of several the one with most of its attributes."""
        fitting = [i for i in dict.fromkeys(self.recent[:-400:-1]) if self._again(self.things[i], phrase, owner)]
        if not fitting:
            return self._role(phrase)
        if phrase.noun in words("general places") and self.things[fitting[0]].noun != phrase.noun:
            return min(fitting)  # a caption's first place is the one it shows
        said = {value for value, _ in phrase.attributes}
        # the latest of those that share most
        return max(fitting, key=lambda i: len(said & {value for value, _ in self.things[i].attributes}))

    def _again(self, thing: Thing, phrase: Phrase, owner: list[int]) -> bool:
        """Whether a noun phrase can speak of a thing mentioned before."""
        if thing.phrase.negated or phrase.negated:
            return False
        if sides(thing.attributes) | sides(phrase.attributes) == {"left", "right"}:
            return False
        same = same_noun(thing.noun, phrase.noun)
        if phrase.pronoun in ("other", "another", "others"):
            return same and thing.plural and not phrase.plural
        if phrase.det not in DEFINITE:
            return (thing.noun == phrase.noun or (same and phrase.det == "num")) and self._restated(thing, phrase)
        later = thing.sentence != self.sentence
        if phrase.noun in words("general places") and phrase.det == "the" and later and not phrase.attributes and is_place(thing.noun):
            return True
        if (owner and thing.owner is not None and owner[0] != thing.owner) or unlike(thing.attributes, phrase.attributes):
            return False
        general = (
            phrase.noun in words("general kinds")
            and kind(phrase.noun) == kind(thing.noun)
            and not phrase.owner
            and same_thing(thing.noun, phrase.noun)
        )
        named = later and phrase.det == "the" and phrase.noun in synonyms(thing.noun)
        return same or named or (general and thing.plural == phrase.plural)

    def _role(self, phrase: Phrase) -> int | None:
        """ "A man .. . The surfer ..": the one person spoken of before, under another name."""
        if not self.leading or phrase.det != "the" or kind(phrase.head) != "p" or phrase.of or phrase.plural:
            return None
        persons = [
            i for i, thing in enumerate(self.things) if kind(thing.phrase.head) == "p" and not thing.plural and not thing.phrase.negated
        ]
        if len(persons) != 1 or self.things[persons[0]].sentence == self.sentence:
            return None
        head = self.things[persons[0]].phrase.head
        clash = (head in words("male") and phrase.head in words("female")) or (head in words("female") and phrase.head in words("male"))
        return None if clash else persons[0]

    def _restated(self, thing: Thing, phrase: Phrase) -> bool:
        """Whether a noun phrase without "the" repeats an earlier one: "three dogs .. three dogs", "one dog" of several."""
        later = thing.sentence != self.sentence
        if phrase.det == "num" and thing.plural and (phrase.count == 1 or (phrase.at_least and later)):
            return True
        if phrase.plural and thing.plural:
            return phrase.det == "" or (later and (phrase.count is None or thing.phrase.count in (None, phrase.count)))
        if phrase.plural or thing.plural:
            return False
        if phrase.noun in words("mass") and phrase.det in ("", "num"):
            return True
        return later and not self.adding and not unlike(thing.attributes, phrase.attributes)

    def graph(self) -> SceneGraph:
        """As frozen values, with what belongs to an owner and is not yet related to it."""
        owning = [(s, o) for s, p, o, _ in self.relations if kind(self.things[o].noun) != "b" or p in ("with", "have", "of")]
        linked = {*owning, *((o, s) for s, o in owning)}
        relations = [Relation(s, p, o, span) for s, p, o, span in self.relations]
        for index, thing in enumerate(self.things):
            if thing.owner is not None and thing.owner != index and (thing.owner, index) not in linked:
                relations.append(Relation(thing.owner, "have", index, thing.phrase.span))
        return SceneGraph(tuple(entity(thing) for thing in self.things), tuple(relations), tuple(Quote(*text) for text in self.texts))
