"""Statements as yes/no questions for a visual question answerer."""

from diptych.data.graphs import Statement
from diptych.language.wording import noun_phrase, predicate_phrase


def question(statement: Statement) -> str:
    """A question that a picture answers with yes if the statement holds."""
    thing = noun_phrase(statement.subject, statement.subject_is)
    if statement.kind == "exists":
        return f"Is there {thing} in the image?"
    if statement.kind == "attribute":
        return f"Is there {noun_phrase(statement.subject, (*statement.subject_is, statement.value))} in the image?"
    if statement.kind == "count":
        number = int(statement.value.removesuffix("+"))
        things = noun_phrase(statement.subject, statement.subject_is, count=number)
        return f"Are there {'at least ' if statement.value.endswith('+') else ''}{things} in the image?"
    if statement.kind == "relation":
        other = noun_phrase(statement.object, statement.object_is)
        return f"Is there {thing} {predicate_phrase(statement.value)} {other} in the image?"
    return f'Do the words "{statement.value}" appear in the image?'
