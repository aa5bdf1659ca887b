"""Rewards by hand and against slow loops; baselines and advantages by hand; what composes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.train.captioner_parts import TEXTS, data_of

from diptych.data.errors import InputError
from diptych.measure.cider import cider_d
from diptych.measure.frequencies import document_frequencies
from diptych.models.dual_encoder import DualEncoder, DualEncoderConfig
from diptych.models.grammar_head import GrammarEncoder
from diptych.train.baselines import Running, baseline, normalised
from diptych.train.data import Data
from diptych.train.rewards import CiderD, Entailment, Measured, Shaped, Sum, Weighted
from diptych.train.rewards_encoders import Cosine, Grammatical, SelfRetrieval, frozen

ROWS = np.array([1, 0])
SAID = [["a blue cube and a red ball", "a green cube"], ["a ball", "a blue ball"]]


def length(captions, rows, data):
    return np.array([[float(len(text.split())) for text in said] for said in captions])


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    data = data_of(tokens=(64, 8))
    config = {"vocabulary": len(data.inputs.tokenizer), "width": 8, "blocks": 1, "length": 16, "dimension": 6, "squeeze": 2}
    made = DualEncoder(DualEncoderConfig(tower={"channels": (8, 8, 8)}, reads_tokens=True, **config))
    out = tmp_path_factory.mktemp("encoder")
    made.save_pretrained(out)
    data.inputs.tokenizer.save_pretrained(out)
    return str(out)


@pytest.fixture(scope="module")
def shown() -> Data:
    return data_of(tokens=(64, 8))


def test_sums_weigh_and_name_their_parts() -> None:
    both = Sum((Weighted("length", 2.0, length), Weighted("one", -1.0, Shaped(length, by=0.0, add=1.0)), Weighted("off", 0.0, None)))
    assert both(SAID, ROWS, data_of()).tolist() == [[13.0, 5.0], [3.0, 5.0]]
    assert list(both.each(SAID, ROWS, data_of())) == ["length", "one"]
    with pytest.raises(InputError, match="a name of its own"):
        Sum((Weighted("a", 1, length), Weighted("a", 1, length)))
    inside = Sum((Weighted("held", 0.5, Shaped(both, by=0.1, low=0.4, high=1.2)),))
    np.testing.assert_allclose(inside(SAID, ROWS, data_of()), [[0.6, 0.25], [0.2, 0.25]])


def test_cider_is_the_metric_with_the_datas_own_frequencies() -> None:
    data = data_of()
    slow = cider_d(
        [text for said in SAID for text in said], [TEXTS[row] for row in (1, 1, 0, 0)], frequencies=document_frequencies(TEXTS), resamples=0
    )
    np.testing.assert_allclose(CiderD()(SAID, ROWS, data), slow.values_N.reshape(2, 2) / 10)
    assert CiderD()(SAID, ROWS, data)[0].tolist() == sorted(CiderD()(SAID, ROWS, data)[0], reverse=True)


def test_cider_takes_saved_frequencies(tmp_path: Path) -> None:
    document_frequencies(TEXTS).save(tmp_path / "df.npz")
    np.testing.assert_array_equal(CiderD(str(tmp_path / "df.npz"))(SAID, ROWS, data_of()), CiderD()(SAID, ROWS, data_of()))


def test_facts_and_entailment_by_hand() -> None:
    facts = Measured("fact_f1")(SAID, ROWS, data_of())
    assert facts[0, 0] == 1 and facts[1, 0] > facts[1, 1] > 0
    # of "a green cube" the reference contradicts the colour, one of two statements; "a ball" is borne out; "blue" is contradicted
    assert Entailment()(SAID, ROWS, data_of()).tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_a_metric_of_other_inputs_is_refused() -> None:
    with pytest.raises(InputError, match="rewards have candidates and references"):
        Measured("chair_i")(SAID, ROWS, data_of())


def test_cosine_and_self_retrieval_against_a_slow_loop(encoder: str, shown: Data) -> None:
    model, inputs = frozen(encoder)

    def vector(text: str) -> torch.Tensor:
        made = inputs.tokenizer([text], return_tensors="pt")
        return torch.nn.functional.normalize(model.get_text_features(made["input_ids"], made["attention_mask"])[0], dim=0)

    pictures = [torch.nn.functional.normalize(model.get_image_features(tokens=torch.from_numpy(shown.columns["tokens"][[row]]))[0], dim=0)
                for row in ROWS]  # fmt: skip
    cosine = [[[float(vector(text) @ picture) for picture in pictures] for text in said] for said in SAID]
    expected = [[2.5 * max(cosine[b][k][b], 0) for k in range(2)] for b in range(2)]
    np.testing.assert_allclose(Cosine(encoder)(SAID, ROWS, shown), expected, atol=1e-5)
    retrieved = [[np.log(np.exp(10 * cosine[b][k][b]) / np.exp(10 * np.array(cosine[b][k])).sum()) for k in range(2)] for b in range(2)]
    np.testing.assert_allclose(SelfRetrieval(encoder, scale=10.0)(SAID, ROWS, shown), retrieved, atol=1e-5)
    prompted = Cosine(encoder, prompt="a ball near")([["a cube"] * 2] * 2, ROWS, shown)
    np.testing.assert_allclose(prompted, Cosine(encoder)([["a ball near a cube"] * 2] * 2, ROWS, shown), atol=1e-6)


def test_the_grammar_reward_is_the_heads_probability(encoder: str, shown: Data, tmp_path: Path) -> None:
    made = GrammarEncoder.of(frozen(encoder)[0])
    made.save_pretrained(tmp_path)
    shown.inputs.tokenizer.save_pretrained(tmp_path)
    found = Grammatical(str(tmp_path))(SAID, ROWS, shown)
    ids = shown.inputs.tokenizer([SAID[1][1]], return_tensors="pt")
    logits = made.eval().grammar(ids["input_ids"], ids["attention_mask"])[0].tolist()
    assert found.shape == (2, 2) and found[1, 1] == pytest.approx(1 / (1 + np.exp(logits[0] - logits[1])), abs=1e-5)
    np.testing.assert_allclose(Cosine(str(tmp_path))(SAID, ROWS, shown), Cosine(encoder)(SAID, ROWS, shown), atol=1e-6)
    with pytest.raises(InputError, match="no grammar head"):
        Grammatical(encoder)(SAID, ROWS, shown)
    with pytest.raises(InputError, match="holds no model"):
        Cosine(str(tmp_path / "nothing"))(SAID, ROWS, shown)


def test_baselines_by_hand() -> None:
    rewards, past = np.array([[1.0, 2.0, 6.0], [0.0, 0.0, 3.0]]), Running()
    assert baseline("running", rewards, None, past).tolist() == [[2.0], [2.0]]
    past.add(np.array([[4.0, 2.0]]))
    past.add(np.array([[0.0, 0.0]]))
    assert past.mean == 1.5 and baseline("running", rewards, None, past).tolist() == [[1.5], [1.5]]
    assert baseline("group", rewards, None, past).tolist() == [[4.0, 3.5, 1.5], [1.5, 1.5, 0.0]]
    assert baseline("greedy", rewards, np.array([2.0, 1.0]), past).tolist() == [[2.0], [1.0]]
    assert baseline("none", rewards, None, past).tolist() == [[0.0], [0.0]]
    with pytest.raises(InputError, match="got draws=1"):
        baseline("group", rewards[:, :1], None, past)


def test_advantages_by_hand() -> None:
    advantage = np.array([[1.0, 3.0], [5.0, 5.0]])
    assert normalised(advantage, "none") is advantage
    assert normalised(advantage, "group").tolist() == [[-1.0, 1.0], [0.0, 0.0]]
    found = normalised(advantage, "batch")
    assert found.mean() == pytest.approx(0) and found.std() == pytest.approx(1) and found[1, 0] == found[1, 1]
    assert not normalised(np.full((2, 2), 7.0), "batch").any()
