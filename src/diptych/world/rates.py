"""Error rates of all simulated experts: one table, fixed before any effect was run.

An address overrides a rate by its field's name: `sim:captioner?recall=.3&hallucination=.2&family=a&seed=1`. Every rate lies in [0, 1] and
is a probability unless its line says otherwise. Sources: the ranges of the method cards (captioners: recall .3 to .5, hallucination .05 to
.3; detector: recall .9, false positives .05 for each absent phrase asked; verifiers that look at the picture are better than captioners).
Of two experts whose `correlation` differs, errors on one fact correlate by the geometric mean.
"""

from dataclasses import dataclass, fields, replace
from math import sqrt
from typing import Any, TypeVar

from diptych.data.errors import AddressError
from diptych.data.verdicts import family
from diptych.models.addresses import Address
from diptych.world.latents import Voice


@dataclass(frozen=True, slots=True)
class CaptionerRates:
    """`hallucination` given in an address also sets the three other shares of falsehood that the address does not name."""

    recall: float = 0.45  # a noun that is in the picture is named; of several told apart and listed one by one, each of them
    colour_recall: float = 0.70  # the colour of what is named is stated
    size_recall: float = 0.30  # the size, where it is small or large
    material_recall: float = 0.30  # the surface
    text_recall: float = 0.30  # the words written on what is named
    count_recall: float = 0.70  # several of one noun come with a number, not as a bare plural
    relation_recall: float = 0.30  # what is named is placed relative to another thing named (styles other than spatial)
    spatial_recall: float = 0.80  # the same in the spatial style
    hallucination: float = 0.15  # share of the nouns named that are not in the picture; less where one noun is listed several times
    attribute_error: float = 0.12  # a stated attribute of a thing that is there is wrong
    count_error: float = 0.15  # a stated number is wrong, by one
    relation_error: float = 0.20  # a stated relation between things that are there is wrong, mostly turned round
    cooccurrence: float = 0.60  # share of the invented nouns that are of a family seen in the picture
    correlation: float = 0.30  # of errors with captioners of other families, given equal rates
    family_correlation: float = 0.60  # of errors with captioners of the same family, and with its own other draws; at least `correlation`
    held_out: float = 0.0  # share of captions worded with the phrasings that the parser's author has not seen
    taking: float = 0.70  # what texts it is shown say of the picture is said too, statement by statement, where it is true
    credulity: float = 0.50  # of what they say wrongly of the picture, it takes so much less: by this factor
    attending: float = 0.85  # what a question asks about is looked at and told, where it is there
    presuming: float = 0.30  # asked about what is not there, it tells of it all the same
    copying: float = 0.90  # an answer that it is shown with the question is told, true or not
    hint_heeded: float = 0.85  # what a hint says rightly of the picture is said from then on
    hint_believed: float = 0.35  # what a hint says wrongly is repeated all the same, as language models give in to who corrects them
    detail_gain: float = 0.30  # asked for more detail, share of what it left unsaid that it says then
    detail_error: float = 0.05  # and what is added to its shares of falsehood


@dataclass(frozen=True, slots=True)
class DetectorRates:
    """Rates hold at threshold 0; the scores of right and of false boxes overlap (`latents.right_score`, `false_score`)."""

    recall: float = 0.90  # a clear object that is asked for is found
    false_positive: float = 0.05  # an absent phrase is found; asked for whatever there is, boxes invented for each object seen
    small: float = 0.80  # the recall of small (under 1 % of the picture) or mostly hidden (under half visible) objects is times this
    attribute_recall: float = 0.60  # each attribute of a found object is reported
    attribute_confusion: float = 0.08  # an attribute is taken for another
    attribute_blind: float = 0.30  # asked for "red ball", it takes a ball of any colour
    box_jitter: float = 0.04  # edges move by up to this share of the box's side
    overlap: float = 1.0  # of the scores of right and of false boxes: at 0 every right one scores .95, every false one .15
    guessing: float = 0.0  # it answers without looking, as a detector that knows nothing: a box or none by even chance, any noun
    correlation: float = 0.05  # of errors with other experts, given equal rates
    family_correlation: float = 0.60  # of errors with detectors of the same family


@dataclass(frozen=True, slots=True)
class AnswererRates:
    """Right on yes and no alike with `accuracy`; the bias moves both towards yes."""

    accuracy: float = 0.90  # a yes/no question is answered rightly, averaged over true and false statements
    yes_bias: float = 0.05  # added to the chance of yes, whatever is asked (capped at 1)
    count_accuracy: float = 0.80  # "how many": right, else off by one
    value_accuracy: float = 0.88  # "what colour", "what size", "what surface": right, else another
    correlation: float = 0.05  # of errors with other experts, given equal rates
    family_correlation: float = 0.60  # of errors with answerers of the same family


@dataclass(frozen=True, slots=True)
class OcrRates:
    """Reading words in the picture."""

    recall: float = 0.85  # a run of words is found
    character_error: float = 0.03  # each of its characters is read as another
    false_words: float = 0.02  # an object without words is read to carry some
    overlap: float = 1.0  # of the scores of right and of false readings, as the detector's
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.60  # of errors with readers of the same family


@dataclass(frozen=True, slots=True)
class MatcherRates:
    """The score is the text's fact F1 as seen through these errors, in [0, 1]."""

    misjudged: float = 0.08  # a statement of the text is taken for the opposite
    binding_blind: float = 0.40  # a statement counts when its words are all in the picture, wherever
    noise: float = 0.06  # half-width of even noise added to the score
    guessing: float = 0.0  # the score is drawn without looking
    generic: float = 0.05  # added to the score of a text of one statement, falling to 0 with more
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.60  # of errors with matchers of the same family


@dataclass(frozen=True, slots=True)
class PainterRates:
    """What text-to-image models are known to get wrong: numbers and places most, binding often, single things seldom."""

    missed: float = 0.08  # a thing of the text is not drawn; of several, one too few
    attribute_error: float = 0.10  # a stated attribute is drawn as another
    swapped: float = 0.10  # a stated colour lands on another thing of the text, which gets this one's
    count_error: float = 0.30  # several are drawn one too many or too few
    relation_error: float = 0.40  # a stated place is not heeded; the others hold where one of a few arrangements allows it
    text_error: float = 0.40  # stated words are drawn as others
    additions: float = 0.50  # share of pictures with unstated things, so many as scenes of the prior have beyond those stated
    guessing: float = 0.0  # it draws any scene of the prior, whatever the text
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.30  # with painters of its family and its own other draws: another seed draws another picture


@dataclass(frozen=True, slots=True)
class EmbedderRates:
    """A picture or text is the sum of the vectors of its facts; what image-text encoders fold together or leave out is folded or left."""

    missed: float = 0.08  # a thing is not seen; a noun of a text not heeded
    attribute_missed: float = 0.20  # an attribute is not seen or heeded
    binding_blind: float = 0.40  # an attribute counts, but not whose it is
    count_blind: float = 0.60  # a number counts for nothing
    relation_blind: float = 0.70  # a place counts for nothing
    text_missed: float = 0.30  # words written in the picture, or quoted, count for nothing
    noise: float = 0.10  # length of a random vector added, as a share of the whole's
    guessing: float = 0.0  # the vector is drawn without looking
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.60  # of errors with embedders of the same family


@dataclass(frozen=True, slots=True)
class ComparerRates:
    """Telling in words what a picture shows otherwise than a painting of it. Each rate is of one fact and one painting."""

    missed: float = 0.25  # a difference in what is there, or how it looks, goes unnoticed
    count_missed: float = 0.40  # in a number
    relation_missed: float = 0.50  # in a place
    text_missed: float = 0.30  # in written words
    misread: float = 0.10  # what is noticed is told wrongly: another thing of the family, another colour, one more, turned round
    false_alarm: float = 0.05  # what both show alike is told as a difference, wrongly; what both show and is one thing, as missing
    guessing: float = 0.0  # it tells of things drawn without looking
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.60  # of errors with comparers of the same family, and with its own on other paintings


@dataclass(frozen=True, slots=True)
class EntailerRates:
    """Both texts as the parser reads them; the premise is all that is known (what it does not mention is neutral)."""

    accuracy: float = 0.88  # the label is right; judges of .8 to .95 are swept in the method card
    lenient: float = 0.50  # share of the wrong labels on false or unknown statements that are "entailed", as judges like to agree
    guessing: float = 0.0  # the label is drawn without reading
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.60  # of errors with entailers of the same family


@dataclass(frozen=True, slots=True)
class JudgeRates:
    """A caption's score is a whole number from 1 to 6: the harmonic mean of the share of its statements that are believed, and of the
    share that it tells of the facts which the judge sees, over `enough`; laid evenly over the scale.
    """

    accuracy: float = 0.85  # a statement is judged rightly, averaged over true and false ones: many at once, so worse than an answerer
    leniency: float = 0.05  # added to the chance that a statement is believed (capped at 1)
    trust: float = 0.50  # what the texts beside the picture say is believed without a look
    sight: float = 0.70  # a thing is seen, and so missed where a caption leaves it out; likewise each thing told of what is seen
    enough: float = 0.60  # share of what is seen that a caption need not go beyond
    verbosity: float = 0.05  # added to the mean for a text of twelve statements or more, less for shorter ones
    noise: float = 0.15  # half-width of even noise added to the mean
    guessing: float = 0.0  # the score is drawn without looking
    correlation: float = 0.05  # of errors with other experts
    family_correlation: float = 0.60  # of errors with experts of the same family: what a captioner invents, a judge of its kin believes


@dataclass(frozen=True, slots=True)
class ReaderRates:
    """A chat model that answers from a caption alone; it sees no picture."""

    accuracy: float = 0.95  # an answer that the caption tells is given, else another
    guess: float = 0.15  # where the caption tells none, an answer is made up
    guessing: float = 0.0  # the answer is made up without reading


@dataclass(frozen=True, slots=True)
class SegmenterRates:
    """Masks of the objects in the boxes asked for."""

    missed: float = 0.03  # the mask is the box
    jitter: float = 0.04  # the outline moves by up to this share of the box's shorter side, in or out


@dataclass(frozen=True, slots=True)
class DepthRates:
    """Relative depth."""

    noise: float = 0.06  # each object's depth is off by up to this share of the picture's range
    squeeze: float = 0.20  # the range is bent by a power up to this far from 1


Rates = TypeVar("Rates")
WORDS = ("family", "seed")
ERRORS = ("attribute_error", "count_error", "relation_error")


def rates_of(address: Address, table: type[Rates]) -> Rates:
    """The table with the address's options put in; AddressError for a name it does not have or a value outside [0, 1]."""
    known = [field.name for field in fields(table)]  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    for name, value in address.options.items():
        if name in known:
            given[name] = _rate(address, name, value)
        elif name not in WORDS:
            listed = ", ".join(sorted([*known, *WORDS]))
            raise AddressError(f"{_text(address)}: there is no option {name!r}; sim:{address.name} knows {listed}")
    if table is CaptionerRates and "hallucination" in given:
        given = {**dict.fromkeys(ERRORS, given["hallucination"]), **given}
    return replace(table(), **given)  # type: ignore[type-var]


def voice_of(address: Address, rates: object, seed: int) -> Voice:
    """Whose draws these are, and how far errors are shared. Name, family and seed make an expert; its rates do not, so that the points of
    a sweep over a rate share their draws and differ by the rate alone.
    """
    own = address.options.get("seed", "0")
    if not own.lstrip("-").isdecimal():
        raise AddressError(f"{_text(address)}: seed must be a whole number, got {own!r}; write seed=1")
    outside = float(getattr(rates, "correlation", 0.0))
    inside = max(outside, float(getattr(rates, "family_correlation", 0.0)))
    own = f"{address.scheme}:{address.name}?family={address.options.get('family', '')}&seed={own}"
    return Voice(seed, own, family(_text(address)), sqrt(outside / inside) if inside else 0.0, sqrt(inside))


def _rate(address: Address, name: str, value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise AddressError(f"{_text(address)}: {name} must be a number in [0, 1], got {value!r}; write {name}=.5")
    return rate


def _text(address: Address) -> str:
    # sorted, so that the order in which options are written changes no draw
    query = "&".join(f"{name}={value}" for name, value in sorted(address.options.items()))
    return f"{address.scheme}:{address.name}" + (f"?{query}" if query else "")
