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


def own_captions(captions: Iterable[Caption], verifier: str) -> set[str]:
    """Ids of captions that the verifier's own family wrote."""
    voice = family(verifier)
    return {caption.id for caption in captions if family(caption.by) == voice}


def refuse_own(record: Record, captions: Iterable[Caption], verifier: str, self_check: bool) -> None:
    """InputError if the verifier's own family wrote any of the captions and `self_check` is off; to be called before it is asked."""
    if not self_check and own_captions(captions, verifier):
        raise InputError(
            f"{verifier!r} would check a caption that its own family wrote in {record.id!r}: name another expert, or set self_check"
        )


def verdicts_for(said: Iterable[Said], verdict: Verdict, own: Collection[str] = ()) -> list[Verdict]:
    """The same verdict for each place that makes the statement."""
    return [
        Verdict(caption, statement.number, verdict.answer, verdict.by, verdict.region, verdict.said, verdict.score, caption in own)
        for caption, statement in said
    ]
