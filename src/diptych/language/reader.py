"""Where a reader of units stands in a clause, and how clauses and lists of nouns begin and end."""

from dataclasses import dataclass, field

from diptych.data.graphs import Span
from diptych.language.lists import words
from diptych.language.phrases import Unit
from diptych.language.scene import Scene
from diptych.language.things import is_worn
from diptych.language.wordnet import is_animate, kind

FINITE = ("VZ", "VD", "V")
VERBS = (*FINITE, "VG", "VN")
INCLUSIVE = frozenset(("with", "including", "between", "have", "contain", "include", "show", "feature", "see"))


@dataclass(slots=True)
class Verb:
    """A verb and what it has taken so far."""

    lemma: str
    subject: list[int]
    span: Span
    passive: bool = False
    objects: list[int] = field(default_factory=list)  # [-1]: an abstraction
    places: int = 0
    used: bool = False
    negated: bool = False
    told: bool = False  # already put as an attribute: "play tennis"
    bare: bool = False  # "to eat": wanted rather than done


@dataclass(slots=True)
class Reader:
    """The state of reading one sentence."""

    scene: Scene
    units: list[Unit]
    at: int = 0
    subject: list[int] = field(default_factory=list)
    nouns: list[int] = field(default_factory=list)  # the last noun phrases
    groups: list[list[int]] = field(default_factory=list)  # all of this clause
    verb: Verb | None = None
    prep: tuple[str, Span] | None = None
    led: str = ""  # the preposition before `nouns`
    led_before: str = ""  # that before the noun phrase preceding it
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
    perfect: bool = False
    soon: bool = False  # "about to": wanted, but said of the subject
    quoted: bool = False  # the subject is a quotation
    nothing: bool = False  # the subject is the picture or an abstraction

    def peek(self, ahead: int = 0) -> Unit | None:
        """The unit `ahead` of the next one."""
        at = self.at + ahead
        return self.units[at] if at < len(self.units) else None

    def peek_kind(self, ahead: int = 0) -> str:
        """Its kind, "END" past the last."""
        at = self.at + ahead
        return self.units[at].kind if at < len(self.units) else "END"

    def led_by(self, predicate: str) -> bool:
        """Whether the noun phrase being read follows this preposition."""
        return self.prep is not None and self.prep[0] == predicate

    def turn_to(self, subject: list[int]) -> None:
        """Make `subject` that of the clause."""
        self.subject = subject
        if subject:
            self.scene.focus = subject


def close(reader: Reader) -> None:
    """End the verb: without object or place it is an activity of its subject."""
    verb = reader.verb
    if verb and not (verb.used or verb.told or verb.negated or verb.bare or verb.lemma in words("light verbs")):
        for index in verb.subject:
            reader.scene.describe(index, [(verb.lemma, verb.span)])
    reader.verb = None


def restart(reader: Reader, *, keep: bool = False) -> None:
    """Start a new clause; `keep` its subject."""
    close(reader)
    leave(reader)
    reader.prep = reader.relative = None
    reader.be = reader.existential = reader.negated = reader.infinitive = reader.perfect = reader.hedged = False
    if not keep:
        reader.subject, reader.finite, reader.nothing = [], False, False
        reader.groups = []


def leave(reader: Reader) -> None:
    """Leave a relative clause for the one around it."""
    if reader.outer:
        reader.subject, reader.finite = reader.outer
        reader.outer = None


def collect(reader: Reader, unit: Unit) -> list[int]:
    """The things of a noun phrase and of those that "and" or commas join to it."""
    assert unit.phrase is not None
    group = reader.scene.mention(unit.phrase, hedged=reader.hedged)
    last, serial = unit, False
    while joins(reader, last, serial):
        serial = reader.peek_kind() == "MARK"
        while reader.peek_kind() in ("C", "MARK"):
            reader.at += 1
        following = reader.units[reader.at]
        reader.at += 1
        assert following.phrase is not None
        assert last.phrase is not None
        if last.phrase.negated and not following.phrase.det:
            following.phrase.negated, following.phrase.count, following.phrase.at_least = True, 0, None
        mentioned = reader.scene.mention(following.phrase, hedged=reader.hedged)
        group += [index for index in mentioned if index not in group]
        last = following
    if len(group) > 1:
        reader.scene.group = group
        if all(reader.scene.things[i].animate for i in group):
            reader.scene.company = group
    return group


def joins(reader: Reader, unit: Unit, serial: bool) -> bool:
    """Whether the next noun phrase stands in one list with this one."""
    ahead, marks = 0, ""
    while reader.peek_kind(ahead) in ("C", "MARK") and len(marks) < 3:
        word = reader.units[reader.at + ahead].word
        if reader.peek_kind(ahead) == "MARK" and word not in ",&/":
            return False
        marks += "," if word == "," else "&"
        ahead += 1
    if reader.peek_kind(ahead) != "NP" or len(marks) > 2:
        return False
    first, following = unit.phrase, reader.units[reader.at + ahead].phrase
    assert first is not None
    assert following is not None
    after = reader.peek_kind(ahead + 1)
    placed = bool(reader.prep or reader.verb or reader.existential)
    if "&" not in marks and ((not marks and following.det == "") or not _listed(reader, ahead, placed)):
        return False
    if not placed:
        return after != "EX"
    shared = following.det == "" and bool(first.det or serial) and not following.plural
    if following.pronoun and not following.noun:
        return False
    if is_worn(first.noun) and is_worn(following.noun) and not following.det:
        return True
    if after in (*FINITE, "BE", "HV", "MD", "DO") and not (shared and (serial or reader.led_by("with"))):
        return False
    if is_worn(first.noun) and is_worn(following.noun):
        return True
    alike = is_animate(following.noun) == is_animate(first.noun)
    inclusive = (
        reader.existential or bool(reader.prep and reader.prep[0] in INCLUSIVE) or bool(reader.verb and reader.verb.lemma in INCLUSIVE)
    )
    if after in ("VG", "VN") and not reader.existential:
        return (alike and (shared or following.det == first.det == "" or reader.led_by("with"))) or (
            reader.led_by("with") and first.plural and following.plural
        )
    if inclusive or (reader.verb and not reader.prep):
        return alike or inclusive
    return alike and (kind(following.head) in "los") == (kind(first.head) in "los")


def _listed(reader: Reader, ahead: int, placed: bool) -> bool:
    """Whether "and" or "or" with a last noun phrase follows before anything else: "a, b, and c"."""
    while reader.peek_kind(ahead) in ("NP", "MARK", "C"):
        if reader.peek_kind(ahead) == "C":
            last = reader.peek(ahead + 1)
            bare = last is not None and last.phrase is not None and last.phrase.det == ""
            return (
                last is not None and last.kind == "NP" and (bare or not (placed and reader.peek_kind(ahead + 2) in (*FINITE, "BE", "HV")))
            )
        ahead += 1
    return False
