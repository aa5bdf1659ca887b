"""The tokens that the caption metrics of the field are computed on: Penn Treebank style, lower-cased, punctuation removed.

What `pycocoevalcap`'s PTBTokenizer gives (it calls the 2014 Stanford tokeniser, one line a caption), without Java; written from its
behaviour alone.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from diptych.language.ptb_lines import lines
from diptych.language.ptb_pieces import pays, pieces

Mode = Literal["wrapper", "each"]


def ptb_tokenise(captions: Sequence[str], *, mode: Mode = "wrapper") -> list[str]:
    """Each caption's tokens joined by one space.

    Mode "wrapper" gives the reference's tokens one by one, whatever the captions hold: it reads them as one document, so a
    carriage return inside a caption shifts all later ones. Mode "each" reads every caption for itself, whatever its neighbours
    are. A token may hold a no-break space ("1 1/2"). An empty caption gives "".
    Raises InputError for what is no list of texts.
    """
    each = mode == "each"
    if not pays(captions):
        return lines(captions, each=each)
    taken = pieces(captions, each=each)
    words = [taken.tokens[n] for n in taken.numbers_T.tolist()]
    bounds = pairwise(taken.offsets.tolist())
    return [" ".join(filter(None, words[start:stop])).rstrip() for start, stop in bounds]
