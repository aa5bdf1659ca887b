"""One call for the requests of many records, and each record its own answers back."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from diptych.data.errors import PictureError, RunError
from diptych.data.records import Record
from diptych.engine.context import Context
from diptych.models.abilities import Failed

R = TypeVar("R")
A = TypeVar("A")


def calls_to(what: str, *addresses: str, times: int = 1) -> Counter[str]:
    """What a step says of one record for a dry run: "caption calls to hf:A" and how many, by the ability's method and the address."""
    found: Counter[str] = Counter()
    for address in addresses:
        found[f"{what} calls to {address}"] += times
    return found


def ask(
    records: Sequence[Record],
    requests: Callable[[Record], Sequence[R]],
    call: Callable[[list[R]], list[A | Failed]],
    context: Context,
) -> list[tuple[A, ...] | Failed]:
    """For each record the answers to its requests in order, or the first failure among them.

    A picture that cannot be opened fails its own record alone. `requests` runs once for each record. RunError for an expert that
    leaves requests out: nobody could tell whose the other answers are.
    """
    wanted: list[R] = []
    shares: list[int | Failed] = []
    for record in records:
        try:
            own = requests(record)
        except PictureError as error:
            shares.append(Failed(str(error)))
            continue
        wanted.extend(own)
        shares.append(len(own))
    answers = call(wanted) if wanted else []
    if len(answers) != len(wanted):
        raise RunError(f"an expert gave {len(answers)} answers to {len(wanted)} requests: it must answer or fail each, correct the expert")
    context.ledger[f"{getattr(call, '__name__', 'call')} calls"] += len(wanted)
    given: list[tuple[A, ...] | Failed] = []
    at = 0
    for share in shares:
        if isinstance(share, Failed):
            given.append(share)
            continue
        given.append(_whole(answers[at : at + share]))
        at += share
    return given


def take(
    records: Sequence[Record],
    answers: Sequence[tuple[A, ...] | Failed],
    blame: tuple[str, str],
    then: Callable[[Record, tuple[A, ...]], Record],
) -> list[Record]:
    """Each record with what its answers make of it; one without answers fails, which is put down to `blame`: step and address."""
    step, address = blame
    return [
        record.fail(step, f"{address}: {given.error}") if isinstance(given, Failed) else then(record, given)
        for record, given in zip(records, answers, strict=True)
    ]


def _whole(answers: list[A | Failed]) -> tuple[A, ...] | Failed:
    good: list[A] = []
    for answer in answers:
        if isinstance(answer, Failed):
            return answer
        good.append(answer)
    return tuple(good)
