"""Tiny models that score, with random weights, saved as their makers save them."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import (
    AlignConfig,
    AlignModel,
    AlignProcessor,
    AltCLIPConfig,
    AltCLIPModel,
    AltCLIPProcessor,
    BartConfig,
    BartForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    BertTokenizerFast,
    BitImageProcessorPil,
    BlipConfig,
    BlipForImageTextRetrieval,
    BlipForQuestionAnswering,
    BlipImageProcessorPil,
    BlipProcessor,
    ChineseCLIPConfig,
    ChineseCLIPImageProcessorPil,
    ChineseCLIPModel,
    ChineseCLIPProcessor,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DebertaV2Tokenizer,
    Dinov2Config,
    Dinov2Model,
    EfficientNetImageProcessorPil,
    MetaClip2Config,
    MetaClip2Model,
    Qwen2Config,
    Qwen2Model,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaTokenizerFast,
    Siglip2Config,
    Siglip2ImageProcessorPil,
    Siglip2Model,
    Siglip2Processor,
    Siglip2Tokenizer,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
    SiglipProcessor,
    SiglipTokenizer,
    ViltConfig,
    ViltForQuestionAnswering,
    ViltImageProcessorPil,
    ViltProcessor,
    ViTConfig,
    ViTImageProcessorPil,
    ViTModel,
)

from diptych.models.words import word_tokenizer

SAID = (
    "a red ball and two blue cones on a wooden table", "is there a dog", "what colour is the ball", "how many cones are there",
    "a dog sleeps", "the picture shows no animal", "an animal rests", "yes", "no", "a man in a hat plays the guitar on the street",
)  # fmt: skip
ANSWERS = ("yes", "no", "red", "blue", "two", "three", "a ball")
LABELS = ("neutral", "entailment", "contradiction")  # not in the order of any published folder
_SMALL = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
_SPREAD = 0.3  # of weights: from transformers' .02 all scores would be nearly one


def _words() -> list[str]:
    found = {word for text in SAID for word in text.split()}
    return [*sorted(found), *"abcdefghijklmnopqrstuvwxyz?.,!\"'0123456789", *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")]


def bert_words(room: int = 64) -> BertTokenizerFast:
    """Word pieces of the texts above."""
    vocab = {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]", *dict.fromkeys(_words())])}
    # as in BLIP's folders
    return BertTokenizerFast(vocab=vocab, do_lower_case=True, model_max_length=room, bos_token="[DEC]", additional_special_tokens=["[ENC]"])


def _saved(out: Path, *parts: Any) -> Path:
    for part in parts:
        part.save_pretrained(out)
    return out


def _made(kind: Any, config: Any) -> Any:
    """The same weights each time, and wide enough apart that scores differ."""
    torch.manual_seed(0)
    model = kind(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.dim() > 1:
                torch.nn.init.normal_(weights, std=_SPREAD)
            elif name.endswith("bias"):
                torch.nn.init.normal_(weights, std=0.1)
    return model


def clip(out: Path) -> Path:
    """As openai/clip-vit: letters in pairs, a crop of the middle."""
    letters = [*"abcdefghijklmnopqrstuvwxyz?.,!'\"0123456789"]
    vocab = {word: n for n, word in enumerate([*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"])}
    words = CLIPTokenizer(vocab=vocab, merges=[], model_max_length=24)
    ends = {"bos_token_id": len(vocab) - 2, "eos_token_id": len(vocab) - 1, "pad_token_id": len(vocab) - 1}
    text = {**_SMALL, **ends, "vocab_size": len(vocab), "max_position_embeddings": 24}
    config = CLIPConfig(text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return _saved(out, _made(CLIPModel, config), CLIPProcessor(pixels, words))


def siglip(out: Path) -> Path:
    """As google/siglip: squares, texts filled to one length."""
    words = word_tokenizer(SAID)
    text = {**_SMALL, "vocab_size": len(words), "max_position_embeddings": 16, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    config = SiglipConfig(text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8})
    pixels = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    return _saved(out, _made(SiglipModel, config), SiglipProcessor(pixels, words))


def siglip_pieces(out: Path) -> Path:
    """The same with the tokenizer class of google/siglip, which reads a model of sentencepiece."""
    trainer = import_module("sentencepiece").SentencePieceTrainer
    (out / "texts").write_text("\n".join(SAID * 20))
    more = {"pad_id": -1, "bos_id": -1, "unk_id": 2, "eos_id": 1, "hard_vocab_limit": False, "minloglevel": 2}
    trainer.train(input=str(out / "texts"), model_prefix=str(out / "made"), vocab_size=60, model_type="unigram", **more)
    words = SiglipTokenizer(str(out / "made.model"))
    text = {**_SMALL, "vocab_size": len(words), "max_position_embeddings": 16, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 1}
    config = SiglipConfig(text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8})
    return _saved(out, _made(SiglipModel, config), SiglipProcessor(SiglipImageProcessorPil(size={"height": 32, "width": 32}), words))


def siglip2(out: Path) -> Path:
    """As google/siglip2-...-naflex: patches in the picture's own shape."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    vocab = {word: n for n, word in enumerate([*special, *"▁abcdefghijklmnopqrstuvwxyz?.,!'\"", *(f"<0x{n:02X}>" for n in range(256))])}
    words = Siglip2Tokenizer(vocab=vocab, merges=[], padding_side="right")
    text = {**_SMALL, "vocab_size": len(vocab), "max_position_embeddings": 64, "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    config = Siglip2Config(text_config=text, vision_config={**_SMALL, "patch_size": 16, "num_patches": 16})
    pixels = Siglip2ImageProcessorPil(patch_size=16, max_num_patches=16)
    return _saved(out, _made(Siglip2Model, config), Siglip2Processor(pixels, words))


def chinese_clip(out: Path) -> Path:
    """Its text side is a BERT."""
    words = bert_words()
    text = {**_SMALL, "vocab_size": len(words), "max_position_embeddings": 64, "pad_token_id": 0}
    config = ChineseCLIPConfig(text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = ChineseCLIPImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False)
    return _saved(out, _made(ChineseCLIPModel, config), ChineseCLIPProcessor(pixels, words))


def metaclip_2(out: Path) -> Path:
    """As facebook/metaclip-2-worldwide: CLIP whose texts end with their own sign, wherever that stands."""
    words = word_tokenizer(SAID)
    text = {**_SMALL, "vocab_size": len(words), "max_position_embeddings": 24, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    config = MetaClip2Config(text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return _saved(out, _made(MetaClip2Model, config), CLIPProcessor(pixels, words))


def altclip(out: Path) -> Path:
    """As BAAI/AltCLIP: an XLM-R for texts."""
    words = word_tokenizer(SAID)
    text = {**_SMALL, "vocab_size": len(words), "max_position_embeddings": 30, "pad_token_id": 1, "project_dim": 16}
    config = AltCLIPConfig(text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return _saved(out, _made(AltCLIPModel, config), AltCLIPProcessor(pixels, words))


def align(out: Path) -> Path:
    """As kakaobrain/align-base: an EfficientNet with a BERT."""
    words = bert_words()
    text = {**_SMALL, "vocab_size": len(words), "max_position_embeddings": 64, "pad_token_id": 0}
    eyes = {"image_size": 64, "width_coefficient": 0.25, "depth_coefficient": 0.25, "hidden_dim": 80, "num_hidden_layers": 2}
    config = AlignConfig(text_config=text, vision_config=eyes, projection_dim=80)
    pixels = EfficientNetImageProcessorPil(size={"height": 64, "width": 64})
    return _saved(out, _made(AlignModel, config), AlignProcessor(pixels, words))


def _blip(out: Path, kind: Any) -> Path:
    words = bert_words(160)
    ids = {"bos_token_id": words.bos_token_id, "sep_token_id": words.sep_token_id, "pad_token_id": 0, "eos_token_id": words.sep_token_id}
    text = {**_SMALL, **ids, "vocab_size": len(words), "max_position_embeddings": 160, "encoder_hidden_size": 32}
    config = BlipConfig(
        text_config=text, vision_config={**_SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16, image_text_hidden_size=16
    )
    return _saved(out, _made(kind, config), BlipProcessor(BlipImageProcessorPil(size={"height": 32, "width": 32}), words))


def blip_itm(out: Path) -> Path:
    """As Salesforce/blip-itm."""
    return _blip(out, BlipForImageTextRetrieval)


def blip_vqa(out: Path) -> Path:
    """As Salesforce/blip-vqa."""
    return _blip(out, BlipForQuestionAnswering)


def vilt(out: Path) -> Path:
    """As dandelin/vilt-b32-finetuned-vqa: pictures keep their shape."""
    words = bert_words()
    names = dict(enumerate(ANSWERS))
    config = ViltConfig(
        **_SMALL, vocab_size=len(words), image_size=64, patch_size=16, max_position_embeddings=40, modality_type_vocab_size=2,
        id2label=names, label2id={name: n for n, name in names.items()},
    )  # fmt: skip
    pixels = ViltImageProcessorPil(size={"shortest_edge": 64}, size_divisor=16)
    return _saved(out, _made(ViltForQuestionAnswering, config), ViltProcessor(pixels, words))


def dinov2(out: Path) -> Path:
    """As facebook/dinov2: pictures alone."""
    config = Dinov2Config(**{k: v for k, v in _SMALL.items() if k != "intermediate_size"}, image_size=28, patch_size=14)
    pixels = BitImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    return _saved(out, _made(Dinov2Model, config), pixels)


def vit(out: Path) -> Path:
    """As google/vit: pictures alone, and no pooler among its weights where it was saved without one."""
    config = ViTConfig(**_SMALL, image_size=32, patch_size=8)
    return _saved(
        out, _made(lambda told: ViTModel(told, add_pooling_layer=False), config), ViTImageProcessorPil(size={"height": 32, "width": 32})
    )


def _bert(**more: Any) -> BertConfig:
    return BertConfig(**_SMALL, vocab_size=len(bert_words()), max_position_embeddings=64, **more)


def bert(out: Path) -> Path:
    """A sentence encoder without files that say how it pools."""
    return _saved(out, _made(BertModel, _bert()), bert_words())


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
    _saved(out, _made(Qwen2Model, Qwen2Config(**_SMALL, vocab_size=len(words), **more)), words)
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
    return _saved(out, _centred(_made(BertForSequenceClassification, _bert(**_named(labels))), words), words)


def _roberta_words() -> RobertaTokenizerFast:
    letters = [*"Ġabcdefghijklmnopqrstuvwxyz?.,!'\"0123456789"]
    vocab = {word: n for n, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *letters, "<mask>"])}
    return RobertaTokenizerFast(vocab=vocab, merges=[])


def roberta_nli(out: Path, labels: tuple[str, ...] = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")) -> Path:
    """As FacebookAI/roberta-large-mnli: places numbered from behind the padding's number, and no token types."""
    words = _roberta_words()
    config = RobertaConfig(**_SMALL, vocab_size=len(words), max_position_embeddings=130, type_vocab_size=1, **_named(labels))
    return _saved(out, _centred(_made(RobertaForSequenceClassification, config), words), words)


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
        **_SMALL, vocab_size=len(words), max_position_embeddings=128, position_biased_input=False, share_att_key=True, type_vocab_size=0,
        **near, **_named(labels),
    )  # fmt: skip
    return _saved(out, _centred(_made(DebertaV2ForSequenceClassification, config), words), words)


def bart_nli(out: Path, labels: tuple[str, ...] = ("contradiction", "neutral", "entailment")) -> Path:
    """As facebook/bart-large-mnli: the last sign of the decoder stands for the pair."""
    words = _roberta_words()
    small = {
        f"{side}_{what}": size for side in ("encoder", "decoder") for what, size in (("layers", 1), ("attention_heads", 2), ("ffn_dim", 48))
    }
    config = BartConfig(vocab_size=len(words), d_model=32, max_position_embeddings=128, **small, **_named(labels))
    return _saved(out, _centred(_made(BartForSequenceClassification, config), words), words)


Builder = Callable[[Path], Path]
MATCHERS: tuple[Builder, ...] = (clip, siglip, siglip2, chinese_clip, metaclip_2, altclip, align, blip_itm)
TOWERS: tuple[Builder, ...] = (dinov2, vit)
EMBEDDERS: tuple[Builder, ...] = (*MATCHERS, *TOWERS, bert, sentence_bert, last_token)
ANSWERERS: tuple[Builder, ...] = (vilt, blip_vqa)
ENTAILERS: tuple[Builder, ...] = (bert_nli, roberta_nli, deberta_nli, bart_nli)
