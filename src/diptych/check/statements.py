"""Which statements captions make and which of them are alike, so that equal ones are asked once."""

from collections.abc import Collection, Iterable

from diptych.data.errors import InputError
from diptych.data.graphs import KINDS, Kind, Statement
from diptych.data.records import Caption, Record, Verdict
from diptych.data.verdicts import family

Key = tuple[str, ...]
Said = tuple[str, Statement]  # caption id and statement


def alike(captions: Iterable[Caption], kinds: Collection[Kind] = KINDS) -> dict[Key, list[Said]]:
    """Statements by key, so that equal ones are asked once; captions that were not split yet say nothing."""
    found: dict[Key, list[Said]] = {}
    for caption in captions:
        if caption.graph is None:
            continue
        for statement in caption.graph.statements():
            if statement.kind in kinds:
                found.setdefault(statement.key, []).append((caption.id, statement))
    return found


def refuse_own(record: Record, captions: Iterable[Caption], verifier: str, self_check: bool) -> set[str]:
    """Ids of captions that the verifier's own family wrote; InputError if there are any and `self_check` is off."""
    voice = family(verifier)
    own = {caption.id for caption in captions if family(caption.by) == voice}
    if own and not self_check:
        raise InputError(
            f"{verifier!r} would check a caption that its own family wrote in {record.id!r}: name another expert, or set self_check"
        )
    return own


def verdicts_for(said: Iterable[Said], verdict: Verdict, own: Collection[str] = ()) -> list[Verdict]:
    """The same verdict for each place that makes the statement."""
    return [
        Verdict(caption, statement.number, verdict.answer, verdict.by, verdict.region, verdict.said, verdict.score, caption in own)
        for caption, statement in said
    ]
