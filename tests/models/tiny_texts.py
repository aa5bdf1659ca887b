"""Tiny models that read texts alone, with random weights, saved as their makers save them."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tiny_hf_2 import SAID, SMALL, Builder, bert_words, made, saved
from transformers import (
    BartConfig,
    BartForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DebertaV2Tokenizer,
    Qwen2Config,
    Qwen2Model,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaTokenizerFast,
)

from diptych.models.words import word_tokenizer

LABELS = ("neutral", "entailment", "contradiction")  # not in the order of any published folder


def _bert(**more: Any) -> BertConfig:
    return BertConfig(**SMALL, vocab_size=len(bert_words()), max_position_embeddings=64, **more)


def bert(out: Path) -> Path:
    """A sentence encoder without files that say how it pools."""
    return saved(out, made(BertModel, _bert()), bert_words())


def sentence_bert(out: Path, pooling: str = "pooling_mode_cls_token") -> Path:
    """As sentence-transformers saves: pooled, through a dense part, of length one."""
    bert(out)
    base = "sentence_transformers.models"
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"), ("3_Normalize", "Normalize"))
    modules = [{"idx": n, "name": str(n), "path": path, "type": f"{base}.{kind}"} for n, (path, kind) in enumerate(kinds)]
    files: dict[str, Any] = {
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": 8, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": False, pooling: True},
        "2_Dense/config.json": {
            "in_features": 32,
            "out_features": 8,
            "bias": True,
            "activation_function": "torch.nn.modules.activation.Tanh",
        },
    }
    for name, told in files.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(json.dumps(told))
    drawn = torch.Generator().manual_seed(1)
    save_file(
        {"linear.weight": torch.randn(8, 32, generator=drawn), "linear.bias": torch.randn(8, generator=drawn)},
        out / "2_Dense/model.safetensors",
    )
    return out


def last_token(out: Path) -> Path:
    """As Qwen3-Embedding: a decoder whose last token stands for the text, padded on the left."""
    words = word_tokenizer(SAID)
    words.padding_side = "left"
    more = {"num_key_value_heads": 1, "max_position_embeddings": 64, "bos_token_id": 1, "eos_token_id": 2}
    saved(out, made(Qwen2Model, Qwen2Config(**SMALL, vocab_size=len(words), **more)), words)
    (out / "1_Pooling").mkdir()
    (out / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_lasttoken": True}))
    return out


def _named(labels: tuple[str, ...]) -> dict[str, Any]:
    return {"id2label": dict(enumerate(labels)), "label2id": {name: n for n, name in enumerate(labels)}, "num_labels": len(labels)}


def _centred(model: Any, words: Any) -> Any:
    """No label ahead of the others over all pairs of the texts above: else one label would answer everything."""
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(**words(one, other, return_tensors="pt")).logits for one in SAID[3:7] for other in SAID[3:7]])
        head = getattr(model, "classifier", None) or model.classification_head
        layer = getattr(head, "out_proj", head)
        layer.bias -= logits.mean(0)
    return model


def bert_nli(out: Path, labels: tuple[str, ...] = LABELS) -> Path:
    """A classifier of pairs by word pieces, with token types."""
    words = bert_words()
    return saved(out, _centred(made(BertForSequenceClassification, _bert(**_named(labels))), words), words)


def _roberta_words() -> RobertaTokenizerFast:
    letters = [*"Ġabcdefghijklmnopqrstuvwxyz?.,!'\"0123456789"]
    vocab = {word: n for n, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *letters, "<mask>"])}
    return RobertaTokenizerFast(vocab=vocab, merges=[])


def roberta_nli(out: Path, labels: tuple[str, ...] = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")) -> Path:
    """As FacebookAI/roberta-large-mnli: places numbered from behind the padding's number, and no token types."""
    words = _roberta_words()
    config = RobertaConfig(**SMALL, vocab_size=len(words), max_position_embeddings=130, type_vocab_size=1, **_named(labels))
    return saved(out, _centred(made(RobertaForSequenceClassification, config), words), words)


def deberta_nli(out: Path, labels: tuple[str, ...] = ("contradiction", "entailment", "neutral")) -> Path:
    """As cross-encoder/nli-deberta-v3: places relative to each other, pieces of sentencepiece."""
    pieces = [
        ("[PAD]", 0.0),
        ("[CLS]", 0.0),
        ("[SEP]", 0.0),
        ("[UNK]", 0.0),
        *((one, -3.0) for one in "▁abcdefghijklmnopqrstuvwxyz?.,"),
        ("[MASK]", 0.0),
    ]
    words = DebertaV2Tokenizer(vocab=pieces)
    near = {
        "relative_attention": True,
        "position_buckets": 8,
        "max_relative_positions": -1,
        "pos_att_type": ["p2c", "c2p"],
        "norm_rel_ebd": "layer_norm",
    }
    config = DebertaV2Config(
        **SMALL, vocab_size=len(words), max_position_embeddings=128, position_biased_input=False, share_att_key=True, type_vocab_size=0,
        **near, **_named(labels),
    )  # fmt: skip
    return saved(out, _centred(made(DebertaV2ForSequenceClassification, config), words), words)


def bart_nli(out: Path, labels: tuple[str, ...] = ("contradiction", "neutral", "entailment")) -> Path:
    """As facebook/bart-large-mnli: the last sign of the decoder stands for the pair."""
    words = _roberta_words()
    small = {
        f"{side}_{what}": size for side in ("encoder", "decoder") for what, size in (("layers", 1), ("attention_heads", 2), ("ffn_dim", 48))
    }
    config = BartConfig(vocab_size=len(words), d_model=32, max_position_embeddings=128, **small, **_named(labels))
    return saved(out, _centred(made(BartForSequenceClassification, config), words), words)


SENTENCES: tuple[Builder, ...] = (bert, sentence_bert, last_token)
ENTAILERS: tuple[Builder, ...] = (bert_nli, roberta_nli, deberta_nli, bart_nli)
