"""Training on bridged vectors, what is written from them, words near a vector, captions from lists of words."""

from pathlib import Path

import numpy as np
import pytest
import torch
from captioner_parts import TEXTS, data_of
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from diptych.data.errors import AddressError, InputError
from diptych.models.bridged_captioner import BridgedCaptioner, BridgedCaptionerConfig
from diptych.models.decoding import Settings
from diptych.models.language_model import LanguageModel, LanguageModelConfig
from diptych.train.bridged import BridgedVectors, Writing, written
from diptych.train.bridges import Noise
from diptych.train.bridges_maps import LinearMap
from diptych.train.captioners_bridged import bridged_for, language_of
from diptych.train.data import Inputs
from diptych.train.listed import best, continued, orders
from diptych.train.loop import train
from diptych.train.order import key_of, shuffled
from diptych.train.plan import Stage
from diptych.train.token_map import external, ranked, seeing, words_of

RNG = np.random.default_rng(0)


def unit(*shape: int) -> np.ndarray:
    drawn = RNG.normal(size=shape)
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


def known(vectors: np.ndarray):
    found = data_of()
    return found.taking(Inputs(found.inputs.tokenizer, 16, columns=())).having(vectors=vectors)


@pytest.fixture
def language(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    words = data_of().inputs.tokenizer
    model = LanguageModel(LanguageModelConfig(vocabulary=len(words), width=32, blocks=1, heads=2, length=32, initializer_range=0.06))
    model.save_pretrained(tmp_path / "language")
    words.save_pretrained(tmp_path / "language")
    return tmp_path / "language"


def drawn(data, maker, episode=0, seed=0):
    return list(maker(None, data, np.random.default_rng([seed, episode]), episode))


def test_each_text_comes_with_the_vector_of_itself_or_of_another():
    # rows of two captions: the vector of caption k of row r is (r, k)
    texts = (("a ball", "balls"), ("a cube", "cubes"), ("a cone", "cones"))
    data = data_of(texts).having(vectors=np.array([[[row, 0], [row, 1]] for row in range(3)], np.float32))
    for source in ("same", "other"):
        for episode in range(4):
            (batch,) = drawn(data, BridgedVectors(3, "vectors", source=source), episode)
            for row, text, (own, number) in zip(batch.rows, batch.texts["text"], batch.arrays["vectors"], strict=True):
                assert own == row and (texts[row][int(number)] == text) == (source == "same")
    one = data_of(TEXTS).having(vectors=np.zeros((5, 2, 2), np.float32))
    with pytest.raises(InputError, match="two captions or more"):
        drawn(one, BridgedVectors(3, "vectors", source="other"))
    with pytest.raises(InputError, match="a batch of 9 needs as many rows"):
        drawn(one, BridgedVectors(9, "vectors"))


def test_noise_hangs_on_the_record_and_the_episode():
    data = known(unit(5, 8))
    noisy = BridgedVectors(2, "vectors", (Noise(0.5),))

    def by_row(batches):
        return {int(row): vector for batch in batches for row, vector in zip(batch.rows, batch.arrays["vectors"], strict=True)}

    first, again, later = by_row(drawn(data, noisy)), by_row(drawn(data, noisy, seed=1)), by_row(drawn(data, noisy, 1))
    shared = set(first) & set(again)
    assert shared and all(np.array_equal(first[row], again[row]) for row in shared), "another order, the same noise"
    assert all(not np.allclose(first[row], later[row]) for row in set(first) & set(later))


def test_copies_are_moved_each_anew():
    data = known(unit(5, 64))
    (batch,) = drawn(data, BridgedVectors(5, "vectors", (Noise(0.6),), copies=10))
    copies = batch.arrays["vectors"]
    assert copies.shape == (5, 10, 64) and batch.arrays["vectors"].dtype == np.float32
    own = np.einsum("bsd,bd->bs", copies, data.columns["vectors"][batch.rows])
    assert own.mean() == pytest.approx(0.6, abs=0.03)
    # what ten copies have in common is nearer to the vector than any of them
    middle = copies.mean(1)
    together = (middle * data.columns["vectors"][batch.rows]).sum(1) / np.linalg.norm(middle, axis=1)
    assert (together > own.max(1)).all()


def test_rows_come_in_the_order_of_their_ids():
    data = known(unit(5, 8))
    (batch,) = drawn(data, BridgedVectors(5, "vectors"))
    assert batch.rows.tolist() == shuffled(data, key_of(np.random.default_rng([0, 0]))).tolist()


def test_training_learns_which_vector_means_what_and_saves(language: Path, tmp_path: Path):
    vectors = unit(5, 12)
    model, data = bridged_for(str(language), known(vectors), 0, prefixes=2)
    data = data.having(vectors=vectors)
    stage = Stage("close", Writing(), BridgedVectors(5, "vectors", (Noise(0.95),)), 120, lr=1e-2)
    out = train((stage,), model, data, tmp_path / "out", seed=0)
    said = written(out, vectors, Settings(most=12))
    assert all(text in texts for text, texts in zip(said, TEXTS, strict=True)), said
    # what the objective says is the mean over words that count
    shown = data.tensors(drawn(data, BridgedVectors(5, "vectors"))[0])
    total, count = Writing()(BridgedCaptioner.from_pretrained(out).eval(), shown, 0)["caption"]
    assert count == shown["text_mask"][:, 1:].sum() == Writing().counts(shown)["caption"]
    assert 0 < (total / count).item() < 0.5
    further, _ = bridged_for(f"hf:{out}", data)
    assert torch.equal(further.bridge.map.weight, BridgedCaptioner.from_pretrained(out).bridge.map.weight)


def test_a_language_model_whose_tokenizer_marks_no_ends_learns_to_begin_and_to_end(tmp_path: Path):
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer, bare.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    said = [text for texts in TEXTS for text in texts]
    bare.train_from_iterator(said, trainers.BpeTrainer(vocab_size=300, special_tokens=["<|endoftext|>"], show_progress=False))
    words = PreTrainedTokenizerFast(tokenizer_object=bare, bos_token="<|endoftext|>", eos_token="<|endoftext|>")
    torch.manual_seed(0)
    small = GPT2Config(
        vocab_size=len(words), n_embd=32, n_layer=1, n_head=2, n_positions=40, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        initializer_range=0.1, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    GPT2LMHeadModel(small).save_pretrained(tmp_path / "gpt")
    words.save_pretrained(tmp_path / "gpt")
    vectors = unit(5, 12)
    model, data = bridged_for(str(tmp_path / "gpt"), known(vectors), 0, prefixes=2)
    shown = data.tensors(drawn(data, BridgedVectors(5, "vectors"))[0])
    lengths = shown["text_mask"].sum(1)
    assert (shown["text_ids"][:, 0] == 0).all() and (shown["text_ids"].gather(1, lengths[:, None] - 1) == 0).all()
    assert len(set(lengths.tolist())) > 1, "padded, which the end's mark does too"
    stage = Stage("close", Writing(), BridgedVectors(5, "vectors"), 150, lr=1e-2)
    out = train((stage,), model, data, tmp_path / "out", seed=0)
    texts = written(out, vectors, Settings(most=30))
    assert all(text in right for text, right in zip(texts, TEXTS, strict=True)), texts


def test_addresses_that_are_no_captioner_of_vectors(language: Path, tmp_path: Path):
    with pytest.raises(AddressError, match="holds no model"):
        bridged_for(str(tmp_path / "nowhere"), known(unit(5, 8)))
    BridgedCaptioner(BridgedCaptionerConfig(4, language={"vocabulary": 9, "width": 8, "heads": 2})).save_pretrained(tmp_path / "four")
    data_of().inputs.tokenizer.save_pretrained(tmp_path / "four")
    with pytest.raises(InputError, match="reads vectors of 4 dimensions, the encoder's have 8"):
        bridged_for(str(tmp_path / "four"), known(unit(5, 8)))
    with pytest.raises(AddressError, match="writes about vectors, not after words"):
        language_of(str(tmp_path / "four"))


def test_words_of_a_language_model_and_the_pairs_of_a_map(language: Path):
    model, tokenizer = language_of(str(language))
    words = words_of(model, tokenizer)
    assert set(words.texts) == {"red", "ball", "blue", "cube", "two", "green", "cones", "near", "lamp"}
    assert np.array_equal(words.table_CW, model.decoder.words.weight.detach().numpy()[list(words.ids)])
    assert [words.texts[n] for n in words.numbers(["a red ball", "a ball"], tokenizer)] == ["red", "ball"]
    pictures = unit(3, 6)
    source, target = external(pictures, data_of(), words, tokenizer)
    assert np.array_equal(source, pictures[[0, 0, 1, 1, 1, 1, 2, 2, 2]])
    assert np.array_equal(target[0], words.table_CW[words.texts.index("red")])


def test_a_map_finds_the_words_that_a_vector_was_made_of(language: Path):
    model, tokenizer = language_of(str(language))
    words = words_of(model, tokenizer)
    hidden, back = RNG.normal(size=(32, 40)), RNG.normal(size=40)
    vectors = words.table_CW @ hidden + back
    fitted = LinearMap("ridge", 1e-6).fit(vectors, words.table_CW)
    assert ranked(fitted, vectors, words)[:, 0].tolist() == list(range(len(words.texts)))
    # a gap is taken away by standardising pictures by their own moments
    moved = seeing(fitted, vectors + 50)
    assert ranked(moved, vectors + 50, words)[:, 0].tolist() == list(range(len(words.texts)))


def test_orders_are_the_keys_and_begin_as_they_are():
    found = orders(("a", "b", "c", "d"), 5, key="r1")
    assert found[0] == ("a", "b", "c", "d") and len(found) == 5 and all(sorted(one) == ["a", "b", "c", "d"] for one in found)
    assert found == orders(("a", "b", "c", "d"), 5, key="r1") and found != orders(("a", "b", "c", "d"), 5, key="r2")
    assert found[:3] == orders(("a", "b", "c", "d"), 3, key="r1")


def test_what_follows_a_prompt_equals_the_model_read_whole(language: Path):
    model, tokenizer = language_of(str(language))
    prompts = ["red ball", "cube", "two green cones", "lamp near", "blue"]
    said = continued(model, tokenizer, prompts, Settings(most=4))
    for prompt, text in zip(prompts, said, strict=True):
        ids = tokenizer(prompt)["input_ids"][:-1]
        for _ in range(4):
            ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
            if ids[-1] == tokenizer.eos_token_id:
                break
        assert tokenizer.decode(ids[len(tokenizer(prompt)["input_ids"]) - 1 :], skip_special_tokens=True) == text


def test_a_language_model_of_transformers_goes_on_too(language: Path):
    _, tokenizer = language_of(str(language))
    torch.manual_seed(0)
    small = GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2, n_positions=16, bos_token_id=1, eos_token_id=2)
    model = GPT2LMHeadModel(small).eval()
    (text,) = continued(model, tokenizer, ["red ball"], Settings(most=3))
    ids = model.generate(torch.tensor([tokenizer("red ball")["input_ids"][:-1]]), max_new_tokens=3, do_sample=False, pad_token_id=0)
    assert tokenizer.decode(ids[0, 3:], skip_special_tokens=True) == text


def test_the_caption_nearest_the_picture_is_kept(monkeypatch: pytest.MonkeyPatch):
    table = {"a": [1.0, 0], "b": [0, 1.0], "c": [0.8, 0.6]}
    monkeypatch.setattr("diptych.train.listed.vectors_of", lambda encoder, said: np.array([table[text] for text in said]))
    assert best("", np.array([[0.9, 0.1], [0.1, 0.9], [0.7, 0.7]]), [["b", "c"], ["a", "c"], ["a", "b", "c"]]) == ["c", "c", "c"]
    assert best("", np.array([[1.0, 1.0]]), [["a", "b"]]) == ["a"]
