"""Tiny models that score, with random weights, saved as their makers save them."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AlignConfig,
    AlignModel,
    AlignProcessor,
    AltCLIPConfig,
    AltCLIPModel,
    AltCLIPProcessor,
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
    Dinov2Config,
    Dinov2Model,
    EfficientNetImageProcessorPil,
    GemmaTokenizer,
    MetaClip2Config,
    MetaClip2Model,
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
    SwinConfig,
    SwinModel,
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
SMALL = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
_SPREAD = 0.3  # of weights: from transformers' .02 all scores would be nearly one


def _words() -> list[str]:
    found = {word for text in SAID for word in text.split()}
    return [*sorted(found), *"abcdefghijklmnopqrstuvwxyz?.,!\"'0123456789", *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")]


def bert_words(room: int = 64) -> BertTokenizerFast:
    """Word pieces of the texts above."""
    vocab = {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]", *dict.fromkeys(_words())])}
    # as in BLIP's folders
    return BertTokenizerFast(vocab=vocab, do_lower_case=True, model_max_length=room, bos_token="[DEC]", additional_special_tokens=["[ENC]"])


def saved(out: Path, *parts: Any) -> Path:
    for part in parts:
        part.save_pretrained(out)
    return out


def made(kind: Any, config: Any) -> Any:
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
    letters = [*"abcdefghijklmnopqrstuvwxyz?.,!'\"0123456789<|>"]
    vocab = {word: n for n, word in enumerate([*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"])}
    words = CLIPTokenizer(vocab=vocab, merges=[], model_max_length=24)
    ends = {"bos_token_id": len(vocab) - 2, "eos_token_id": len(vocab) - 1, "pad_token_id": len(vocab) - 1}
    text = {**SMALL, **ends, "vocab_size": len(vocab), "max_position_embeddings": 24}
    config = CLIPConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return saved(out, made(CLIPModel, config), CLIPProcessor(pixels, words))


def siglip(out: Path) -> Path:
    """As google/siglip: squares, texts filled to one length."""
    words = word_tokenizer(SAID)
    text = {**SMALL, "vocab_size": len(words), "max_position_embeddings": 16, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    config = SiglipConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8})
    pixels = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    return saved(out, made(SiglipModel, config), SiglipProcessor(pixels, words))


def siglip_pieces(out: Path) -> Path:
    """The same with the tokenizer class of google/siglip, which reads a model of sentencepiece."""
    trainer = import_module("sentencepiece").SentencePieceTrainer
    (out / "texts").write_text("\n".join(SAID * 20))
    more = {"pad_id": -1, "bos_id": -1, "unk_id": 2, "eos_id": 1, "hard_vocab_limit": False, "minloglevel": 2}
    trainer.train(input=str(out / "texts"), model_prefix=str(out / "made"), vocab_size=60, model_type="unigram", **more)
    words = SiglipTokenizer(str(out / "made.model"))
    text = {**SMALL, "vocab_size": len(words), "max_position_embeddings": 16, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 1}
    config = SiglipConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8})
    return saved(out, made(SiglipModel, config), SiglipProcessor(SiglipImageProcessorPil(size={"height": 32, "width": 32}), words))


def siglip2(out: Path) -> Path:
    """As google/siglip2-...-naflex: patches in the picture's own shape."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    vocab = {word: n for n, word in enumerate([*special, *"▁abcdefghijklmnopqrstuvwxyz?.,!'\"", *(f"<0x{n:02X}>" for n in range(256))])}
    words = Siglip2Tokenizer(vocab=vocab, merges=[], padding_side="right")
    text = {**SMALL, "vocab_size": len(vocab), "max_position_embeddings": 64, "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    config = Siglip2Config(text_config=text, vision_config={**SMALL, "patch_size": 16, "num_patches": 16})
    pixels = Siglip2ImageProcessorPil(patch_size=16, max_num_patches=16)
    return saved(out, made(Siglip2Model, config), Siglip2Processor(pixels, words))


def siglip2_squares(out: Path) -> Path:
    """As google/siglip2-base-patch16-224: a siglip by its type, with the tokenizer class that its folder names, which keeps capitals."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    vocab = {word: n for n, word in enumerate([*special, *"▁abcdefghijklmnopqrstuvwxyzABC?.,!'\"", *(f"<0x{n:02X}>" for n in range(256))])}
    words = GemmaTokenizer(vocab=vocab, merges=[], padding_side="right")
    ids = {"bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    text = {**SMALL, **ids, "vocab_size": len(vocab), "max_position_embeddings": 64}
    config = SiglipConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8})
    return saved(out, made(SiglipModel, config), SiglipProcessor(SiglipImageProcessorPil(size={"height": 32, "width": 32}), words))


def chinese_clip(out: Path) -> Path:
    """Its text side is a BERT."""
    words = bert_words()
    text = {**SMALL, "vocab_size": len(words), "max_position_embeddings": 64, "pad_token_id": 0}
    config = ChineseCLIPConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = ChineseCLIPImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False)
    return saved(out, made(ChineseCLIPModel, config), ChineseCLIPProcessor(pixels, words))


def metaclip_2(out: Path) -> Path:
    """As facebook/metaclip-2-worldwide: CLIP whose texts end with their own sign, wherever that stands."""
    words = word_tokenizer(SAID)
    text = {**SMALL, "vocab_size": len(words), "max_position_embeddings": 24, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    config = MetaClip2Config(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return saved(out, made(MetaClip2Model, config), CLIPProcessor(pixels, words))


def altclip(out: Path) -> Path:
    """As BAAI/AltCLIP: an XLM-R for texts."""
    words = word_tokenizer(SAID)
    text = {**SMALL, "vocab_size": len(words), "max_position_embeddings": 30, "pad_token_id": 1, "project_dim": 16}
    config = AltCLIPConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return saved(out, made(AltCLIPModel, config), AltCLIPProcessor(pixels, words))


def align(out: Path) -> Path:
    """As kakaobrain/align-base: an EfficientNet with a BERT."""
    words = bert_words()
    text = {**SMALL, "vocab_size": len(words), "max_position_embeddings": 64, "pad_token_id": 0}
    eyes = {"image_size": 64, "width_coefficient": 0.25, "depth_coefficient": 0.25, "hidden_dim": 80, "num_hidden_layers": 2}
    config = AlignConfig(text_config=text, vision_config=eyes, projection_dim=80)
    pixels = EfficientNetImageProcessorPil(size={"height": 64, "width": 64})
    return saved(out, made(AlignModel, config), AlignProcessor(pixels, words))


def _blip(out: Path, kind: Any) -> Path:
    words = bert_words(160)
    ids = {"bos_token_id": words.bos_token_id, "sep_token_id": words.sep_token_id, "pad_token_id": 0, "eos_token_id": words.sep_token_id}
    text = {**SMALL, **ids, "vocab_size": len(words), "max_position_embeddings": 160, "encoder_hidden_size": 32}
    config = BlipConfig(
        text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 8}, projection_dim=16, image_text_hidden_size=16
    )
    return saved(out, made(kind, config), BlipProcessor(BlipImageProcessorPil(size={"height": 32, "width": 32}), words))


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
        **SMALL, vocab_size=len(words), image_size=64, patch_size=16, max_position_embeddings=40, modality_type_vocab_size=2,
        id2label=names, label2id={name: n for n, name in names.items()},
    )  # fmt: skip
    pixels = ViltImageProcessorPil(size={"shortest_edge": 64}, size_divisor=16)
    return saved(out, made(ViltForQuestionAnswering, config), ViltProcessor(pixels, words))


def dinov2(out: Path) -> Path:
    """As facebook/dinov2: pictures alone."""
    config = Dinov2Config(**{k: v for k, v in SMALL.items() if k != "intermediate_size"}, image_size=28, patch_size=14)
    pixels = BitImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    return saved(out, made(Dinov2Model, config), pixels)


def vit(out: Path) -> Path:
    """As google/vit: pictures alone, and no pooler among its weights where it was saved without one."""
    config = ViTConfig(**SMALL, image_size=32, patch_size=8)
    return saved(
        out, made(lambda told: ViTModel(told, add_pooling_layer=False), config), ViTImageProcessorPil(size={"height": 32, "width": 32})
    )


def swin(out: Path) -> Path:
    """As microsoft/swin: its first place is a corner of the picture."""
    config = SwinConfig(image_size=32, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[1, 1], window_size=4)
    return saved(out, made(SwinModel, config), ViTImageProcessorPil(size={"height": 32, "width": 32}))


Builder = Callable[[Path], Path]
MATCHERS: tuple[Builder, ...] = (clip, siglip, siglip2, siglip2_squares, chinese_clip, metaclip_2, altclip, align, blip_itm)
TOWERS: tuple[Builder, ...] = (dinov2, vit)
ANSWERERS: tuple[Builder, ...] = (vilt, blip_vqa)
