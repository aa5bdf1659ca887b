"""A statement as a sentence that stands by itself, and in short."""

from diptych.data.graphs import Kind, Statement
from diptych.language.wording import is_plural_form, noun_phrase, verb_phrase


def sentence(statement: Statement) -> str:
    """ "There is a brown dog.", "There are two dogs.", "A dog is sleeping on a couch.", 'The words "stop" are written on a sign.'"""
    s = statement
    if s.kind == "relation":
        subject = noun_phrase(s.subject, s.subject_is)
        told = f"{subject} {verb_phrase(s.value, is_plural_form(s.subject))} {noun_phrase(s.object, s.object_is)}."
        return told[:1].upper() + told[1:]
    if s.kind == "text":
        on = f" on {noun_phrase(s.subject, s.subject_is)}" if s.subject else ""
        return f'The words "{s.value}" are written{on}.'
    values = (*s.subject_is, s.value) if s.kind == "attribute" else s.subject_is
    if s.kind == "count":
        number = int(s.value.removesuffix("+"))
        # "dogs" alone are two or more
        vague = noun_phrase(s.subject, values, count=None, at_least=number)
        return f"There are {vague if s.value.endswith('+') else noun_phrase(s.subject, values, count=number)}."
    be = "are" if is_plural_form(s.subject) else "is"
    thing = f"no {noun_phrase(s.subject, values, count=None)}" if s.negated else noun_phrase(s.subject, values)
    return f"There {be} {thing}."


def in_short(statement: Statement) -> str:
    """A statement in few words: "no dog", "dog: brown", "dog × 3", "dog · sleep on · couch", "“STOP” written on sign"."""
    s = statement
    subject = " ".join((*s.subject_is, s.subject))
    denied = "no " if s.negated and s.kind in ("exists", "attribute") else ""
    return denied + in_few_words(s.kind, subject, s.value, " ".join((*s.object_is, s.object)))


def in_few_words(kind: Kind, subject: str, value: str, other: str = "") -> str:
    """What is said of a subject, and for a relation of another thing; a text may have no subject."""
    if kind == "attribute":
        return f"{subject}: {value}"
    if kind == "count":
        return f"{subject} × {value}"
    if kind == "relation":
        return f"{subject} · {value} · {other}"
    if kind == "text":
        return f"“{value}” written" + (f" on {subject}" if subject else "")
    return subject
