"""Two tellings' scenes as one training set."""

import numpy as np

from diptych.lab.captioners import joined, told
from diptych.lab.worlds import Telling

OPTIONS = "nouns=6&colours=4"


def test_joined_data_keep_each_rows_caption_and_tokens() -> None:
    many = told(5, Telling(), world=1, options=OPTIONS)
    few = told(3, Telling(), world=0, options=f"{OPTIONS}&tail=1.5", words=many.data.inputs.tokenizer)
    both = joined(few.data, many.data)
    assert [both.texts(row) for row in range(8)] == [(text,) for text in (*few.corpus.texts, *many.corpus.texts)]
    assert np.array_equal(both.columns["tokens"][3:], many.data.columns["tokens"])
    assert np.array_equal(both.columns["tokens"][:3], few.data.columns["tokens"])
    assert not np.array_equal(both.columns["tokens"][0], both.columns["tokens"][3])
