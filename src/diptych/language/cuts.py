"""How one part of a caption can be cut from its text so that the sentence stays whole; None where it cannot."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from diptych.data.graphs import Entity, Relation, SceneGraph, Span
from diptych.language.compose import Mark
from diptych.language.inflect import article, number_word
from diptych.language.predicates import PREPOSITIONS

_OPENERS = frozenset(
    ("a", "an", "the", "some", "another", "several", "many", "his", "her", "its", "their", "one", "two", "three", "four", "five", "six",
     "seven", "eight", "nine", "ten")
)  # fmt: skip
_PLURAL_VERB = re.compile(r"\b(are|were|have)\b", re.IGNORECASE)
_SAYING = re.compile(r'\s+(?:(?:that|which)\s+(?:says?|reads?)|(?:saying|reading)|with the words?)\s+["“]?$', re.IGNORECASE)
_ARTICLE = re.compile(r"\b(an?) $", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"(\w+) $")
_SENTENCE = re.compile(r'(?:"[^"]*"|[^.!?\n"])+(?:[.!?]+["”]?|\n|$|")\s*|[.!?\n"]\s*')


@dataclass(frozen=True, slots=True)
class Cut:
    """Text from start to end gives way to `new`; `marks` are parts of the target and where in `new` they stand."""

    start: int
    end: int
    new: str = ""
    marks: tuple[tuple[Mark, Span], ...] = ()

    def after(self, before: str, start: int) -> "Cut":
        """The cut with more before what is new."""
        by = len(before)
        return Cut(start, self.end, before + self.new, tuple((m, (s + by, e + by)) for m, (s, e) in self.marks))


def sentences(text: str) -> list[Span]:
    """Where the sentences lie, each with the space after it."""
    return [match.span() for match in _SENTENCE.finditer(text)]


def cut_attribute(text: str, entity: Entity, part: int) -> list[Cut] | None:
    """ "a small red ball" -> "a red ball"; "a dog sleeping." -> "a dog."."""
    span, noun = entity.attributes[part].span, entity.span
    if span is None or noun is None or not _whole(text, span):
        return None
    start, end = span
    if end <= noun[0]:
        return _cut_before(text, start, end, noun[0], min(s[0] for s in _spans(entity)))
    if text[noun[1] : start].strip() in ("", "that is", "that are", "who is", "who are") and re.match(r"\s*([.,;!?]|$|and\b)", text[end:]):
        return [Cut(noun[1], end)]
    return None


def _cut_before(text: str, start: int, end: int, noun: int, first: int) -> list[Cut] | None:
    if noun - end > 60 or not re.fullmatch(r"[\w\s,'-]*", text[end:noun]):
        return None
    for joint in (", and ", " and ", ", "):
        if text.startswith(joint, end) and end + len(joint) < noun:
            return [Cut(start, end + len(joint))]
    for joint in (", and ", " and ", ", "):
        if text.endswith(joint, 0, start) and start - len(joint) > first:
            return [Cut(start - len(joint), end)]
    return [Cut(start, end + 1)] if text[end : end + 1] == " " else None


def change_number(text: str, old: Entity, new: Entity) -> list[Cut] | None:
    """Another number word before a plural; "three dogs" -> "a dog" only where no verb follows."""
    if old.span is None or old.count_span is None or not _whole(text, old.count_span):
        return None
    number = new.count
    if number is not None and number > 1 and (old.count or old.at_least or 1) > 1:
        return [Cut(*old.count_span, number_word(number))]
    sentence = next(text[s:e] for s, e in sentences(text) if s <= old.span[0] < e)
    if number != 1 or _PLURAL_VERB.search(sentence) or not re.match(r"\s*([.,;!?]|$)", text[old.span[1] :]):
        return None
    following = text[old.count_span[1] : old.span[0]].split()
    return [Cut(*old.count_span, article(following[0] if following else new.noun)), Cut(*old.span, new.noun)]


def cut_entity(text: str, graph: SceneGraph, index: int) -> list[Cut] | None:
    """A list's member, or what hangs on a preposition or participle: "a man wearing a hat" -> "a man"."""
    entity = graph.entities[index]
    place = _extent(text, entity)
    if place is None or any(r.subject == index for r in graph.relations):
        return None
    sentence = next((s for s in sentences(text) if s[0] <= place[0] < s[1]), None)
    if sentence is None:
        return None
    listed = _cut_listed(text, graph, place, sentence)
    if listed is not None:
        return listed
    ties = [r for r in graph.relations if r.object == index]
    if len(ties) != 1 or ties[0].span is None:
        return None
    going_on = {r.span[0] for r in graph.relations if r.span is not None}
    return _cut_hanging(text, ties[0], place, going_on)


def _cut_listed(text: str, graph: SceneGraph, place: Span, sentence: Span) -> list[Cut] | None:
    start, end = place
    before, after = text[sentence[0] : start], text[end : sentence[1]]
    starts = {extent[0] for e in graph.entities if (extent := _extent(text, e)) is not None}
    joined = next((j for j in (", and ", " and ", ", ") if before.endswith(j)), "")
    following = next((j for j in (", and ", " and ", ", ") if after.startswith(j) and end + len(j) in starts), "")
    if joined == ", " and following:
        return [Cut(start - 2, end)]
    if joined.endswith("and ") and re.match(r"\s*([.;!?]|$)", after):
        cuts = [Cut(start - len(joined), end)]
        comma = before.rfind(", ", 0, len(before) - len(joined))
        item = (sentence[0] + comma + 2, start - len(joined))
        inside = [e for e in graph.entities if e.span is not None and item[0] <= e.span[0] < item[1]]
        if comma >= 0 and _opens(text[item[0] :]) and len(inside) == 1:
            cuts.insert(0, Cut(item[0] - 2, item[0], " and "))
        return cuts
    if following and not joined and not _PLURAL_VERB.search(after) and re.search(r"(^|\b\w+ )$", before):
        return [Cut(start, end + len(following))]
    return None


def _cut_hanging(text: str, relation: Relation, place: Span, going_on: Container[int]) -> list[Cut] | None:
    assert relation.span is not None
    start, end = relation.span[0], place[1]
    bounded = re.match(r"\s*([.,;!?]|$)", text[end:]) or end + 1 in going_on
    if not start < place[0] or not bounded:
        return None
    first = text[start:end].partition(" ")[0].lower()
    lead = text[:start].rstrip()
    last = lead.rpartition(" ")[2].lower()
    if last in ("is", "are", "was", "were", "be", "that", "who", "which", "and", "or", "to", "not"):
        return None
    hangs = first.endswith("ing") or relation.predicate in PREPOSITIONS or first in PREPOSITIONS
    return [Cut(len(lead), end)] if hangs and lead else None


def cut_relation(text: str, graph: SceneGraph, number: int) -> list[Cut] | None:
    """ "a room with two beds" -> "a room and two beds"."""
    relation = graph.relations[number]
    subject, place = graph.entities[relation.subject].span, _extent(text, graph.entities[relation.object])
    if relation.span is None or subject is None or place is None or sum(r.object == relation.object for r in graph.relations) > 1:
        return None
    start = relation.span[0]
    going_on = {r.span[0] for r in graph.relations if r.span is not None and r.subject == relation.object}
    if text[subject[1] : start].strip() or _cut_hanging(text, relation, place, going_on) is None:
        return None
    return [Cut(subject[1], place[0], " and ")]


def cut_quote(text: str, span: Span | None) -> list[Cut] | None:
    """'a sign that says "STOP"' -> "a sign"."""
    if span is None:
        return None
    saying = _SAYING.search(text, max(0, span[0] - 60), span[0])
    if saying is None:
        return None
    end = span[1] + (text[span[1] : span[1] + 1] in ('"', "”"))
    return [Cut(saying.start(), end)]


def mended(text: str, cuts: Iterable[Cut]) -> list[Cut] | None:
    """The cuts in order, neighbours as one, with "a" and "an" before them put right; None if two overlap in part."""
    merged: list[Cut] = []
    # not a set: what goes in at one place stays in the order given, whatever the seed of Python's hashes
    for cut in sorted(dict.fromkeys(cuts), key=lambda c: (c.start, c.end)):
        if merged and cut.end <= merged[-1].end and cut.start < merged[-1].end:
            continue  # inside what goes anyway
        if merged and cut.start < merged[-1].end:
            return None
        if merged and cut.start == merged[-1].end:
            last = merged[-1]
            more = cut.after(last.new, last.start)
            merged[-1] = replace(more, marks=last.marks + more.marks)
        else:
            merged.append(cut)
    return [_with_article(text, cut) for cut in merged]


def _with_article(text: str, cut: Cut) -> Cut:
    before = _ARTICLE.search(text, max(0, cut.start - 5), cut.start)
    following = (cut.new + text[cut.end :]).lstrip()
    if before is None or not following:
        return cut
    right = article(following)
    if right == before[1].lower():
        return cut
    right = right.capitalize() if before[1][0].isupper() else right
    return cut.after(f"{right} ", before.start(1))


def _extent(text: str, entity: Entity) -> Span | None:
    """The noun phrase: the noun, what belongs to it, and the determiner before."""
    if entity.span is None:
        return None
    start = min(s[0] for s in _spans(entity) if s[0] <= entity.span[0])
    opener = _WORD_BEFORE.search(text, max(0, start - 20), start)
    if opener is not None and opener[1].lower() in _OPENERS:
        return opener.start(1), entity.span[1]
    number = entity.count_span is not None and entity.count_span[0] == start
    return (start, entity.span[1]) if number or entity.count is None else None


def _spans(entity: Entity) -> list[Span]:
    return [s for s in (entity.span, entity.count_span, *(a.span for a in entity.attributes)) if s is not None]


def _opens(text: str) -> bool:
    first = text.split(maxsplit=1)
    return bool(first) and first[0].lower() in _OPENERS


def _whole(text: str, span: Span) -> bool:
    """Whether the span ends at word boundaries, hyphens not counted as such."""
    return not (text[span[0] - 1 : span[0]].strip(" \n\"'(,") or text[span[1] : span[1] + 1].strip(" \n\"').,;:!?"))
