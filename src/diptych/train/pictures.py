"""Pictures of a batch, those that cannot be opened replaced by neighbours."""

# B pictures, S side in pixels

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import DiptychError, PictureError
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.models.pixels import square
from diptych.train.batch import Batch

Pixels = NDArray[np.uint8]


def seen(batch: Batch, rows: Sequence[Record], pictures: Callable[[Image], Picture], size: int) -> tuple[Batch, Pixels]:
    """The batch with its pixels (B, S, S, 3).

    An entry whose picture cannot be opened becomes a copy of the next entry whose picture can (after the last comes the first), with its
    row, texts and arrays, so that the number of entries stays and no text meets another's picture. PictureError if none can be opened.
    """
    shown: dict[int, Pixels] = {}
    why: PictureError | None = None
    for place, row in enumerate(batch.rows):
        try:
            shown[place] = square(pictures(rows[row].subject), size)
        except (DiptychError, OSError) as error:
            why = why or PictureError(f"row {rows[row].id!r}: {error}")
    if not shown:
        raise PictureError(f"none of the {len(batch)} pictures of a batch can be opened; {why}: check the paths and files of the data")
    if why is None:
        return batch, np.stack(list(shown.values()))
    stands = [next(at % len(batch) for at in range(place, place + len(batch)) if at % len(batch) in shown) for place in range(len(batch))]
    return batch.taking(stands), np.stack([shown[place] for place in stands])
