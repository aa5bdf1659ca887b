"""Voices and what their verdicts amount to. Models of one family are one voice: they err together."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from diptych.data.records import Answered, Record

_WEIGHT: Mapping[Answered, int] = {"supported": 1, "contradicted": -1, "unknown": 0}


def family(by: str) -> str:
    """The voice behind an address: what its option `family` says, else its scheme and its name up to the first dash.

    What follows the dash is a size or a version, but not in the names of ours: nano:captioner-a and nano:captioner-b are two families.
    """
    scheme, colon, rest = by.partition(":")
    if not colon:
        return by
    name, _, query = rest.partition("?")
    said = dict(parse_qsl(query)).get("family") if query else ""
    own = name if scheme == "nano" else name.rpartition("/")[2].split("-")[0]
    return said or f"{scheme}:{own.lower()}"


def settled(record: Record) -> dict[tuple[str, int], Answered]:
    """By (caption id, statement number): more supporting than contradicting families win, a tie is unknown."""
    ballots: dict[tuple[str, int], dict[str, int]] = {}
    for verdict in record.verdicts:
        ballots.setdefault((verdict.caption, verdict.number), {})[family(verdict.by)] = _WEIGHT[verdict.answer]
    return {place: _outcome(votes) for place, votes in ballots.items()}


def _outcome(votes: Mapping[str, int]) -> Answered:
    total = sum(votes.values())
    if total > 0:
        return "supported"
    return "contradicted" if total < 0 else "unknown"
