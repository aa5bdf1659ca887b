"""Tiny checkpoints of real architectures with random weights, as `save_pretrained` writes them: they prove loading and shapes alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    Blip2Processor,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessorPil,
    BlipProcessor,
    CLIPImageProcessorPil,
    Florence2ForConditionalGeneration,
    Florence2Processor,
    GenerationConfig,
    GitConfig,
    GitForCausalLM,
    GitProcessor,
    GPT2Config,
    Idefics3ImageProcessorPil,
    LlamaConfig,
    LlavaProcessor,
    PaliGemmaProcessor,
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessorPil,
    SiglipImageProcessorPil,
    SmolVLMImageProcessorPil,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessorPil,
)

from diptych.data.pictures import Picture

CONTROL = (
    "<pad>", "<s>", "</s>", "<unk>", "<mask>", "<image>", "<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>",
    "<|vision_start|>", "<|vision_end|>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>",
)  # fmt: skip
SAID = ["a red ball lies on the wooden table", "two dogs run over the green grass", "what do you see ? describe the picture"]
WORDS = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
EYES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def seen(marker: str) -> str:
    """A chat template of pictures and texts, with the marker that stands for a picture."""
    parts = "{% for c in m['content'] %}{% if c['type'] == 'image' %}" + marker + "{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    return CHATML.replace("{{ m['content'] }}", parts)


def tokenizer(*more: str, ends: bool = False, **named: str) -> PreTrainedTokenizerFast:
    """Pieces of bytes, so that any text can be read and written; with `ends` texts become <s> ... </s>."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = [*CONTROL, *more]
    letters = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        SAID, trainers.BpeTrainer(vocab_size=len(special) + 300, special_tokens=special, initial_alphabet=letters, show_progress=False)
    )
    if ends:
        made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>", mask_token="<mask>",
        additional_special_tokens=special[5:], model_specific_special_tokens=named, clean_up_tokenization_spaces=False,
    )  # fmt: skip


def picture(seed: int, width: int = 48, height: int = 40) -> Picture:
    """Coloured noise of low frequency, the same for the same seed."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (5, 5, 3), np.uint8))
    return Picture(f"{seed:064x}", width, height, lambda: small.resize((width, height), Image.Resampling.BICUBIC))


def save(folder: Path, config: Any, *parts: Any, kind: Any = AutoModelForImageTextToText, **settings: Any) -> Path:
    """A model of random weights with its tokenizer and whatever else, in a folder."""
    torch.manual_seed(0)
    model = kind.from_config(config) if hasattr(kind, "from_config") else kind(config)
    for weights in model.parameters():
        # far enough from zero that the likeliest word leads by more than rounding
        torch.nn.init.normal_(weights, std=0.2) if weights.ndim > 1 else None
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=2, pad_token_id=0, **settings)
    model.save_pretrained(folder)
    for part in parts:
        part.save_pretrained(folder)
    return folder


def ids(words: PreTrainedTokenizerFast, **named: str) -> dict[str, int]:
    """The numbers of control words."""
    return {name: words.convert_tokens_to_ids(word) for name, word in named.items()}


def llama(folder: Path) -> Path:
    """A chat model of words alone."""
    words = tokenizer()
    words.chat_template = CHATML
    config = LlamaConfig(vocab_size=len(words), max_position_embeddings=512, **WORDS)
    return save(folder, config, words, kind=AutoModelForCausalLM)


def gpt2(folder: Path) -> Path:
    """A language model without a chat template, of learnt positions."""
    words = tokenizer()
    config = GPT2Config(vocab_size=len(words), n_embd=32, n_layer=2, n_head=4, n_positions=128, bos_token_id=1, eos_token_id=2)
    return save(folder, config, words, kind=AutoModelForCausalLM)


def llava(folder: Path) -> Path:
    """CLIP's eyes before a Llama."""
    words = tokenizer()
    eyes = {"model_type": "clip_vision_model", "image_size": 28, "patch_size": 14, "projection_dim": 32, **EYES}
    config = AutoConfig.for_model(
        "llava", vision_config=eyes, text_config={"model_type": "llama", "vocab_size": len(words), "max_position_embeddings": 512, **WORDS},
        image_token_index=words.convert_tokens_to_ids("<image>"), image_token_id=words.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-2, vision_feature_select_strategy="default",
    )  # fmt: skip
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    ways = {"patch_size": 14, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
    return save(folder, config, LlavaProcessor(pixels, words, chat_template=seen("<image>"), **ways))


def _qwen(folder: Path, kind: str, eyes: dict[str, Any], patch: int, text: dict[str, Any]) -> Path:
    words = tokenizer()
    words.chat_template = seen("<|vision_start|><|image_pad|><|vision_end|>")
    text = (
        WORDS | {"vocab_size": len(words), "max_position_embeddings": 512, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2} | text
    )
    text["rope_parameters"] = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1]}
    named = ids(
        words, image_token_id="<|image_pad|>", video_token_id="<|video_pad|>", vision_start_token_id="<|vision_start|>",
        vision_end_token_id="<|vision_end|>",
    )  # fmt: skip
    config = AutoConfig.for_model(kind, vision_config={"depth": 2, "num_heads": 2, "patch_size": patch} | eyes, text_config=text, **named)
    pixels = Qwen2VLImageProcessorPil(patch_size=patch, merge_size=2, size={"shortest_edge": 4 * patch**2, "longest_edge": 24 * patch**2})
    return save(folder, config, words, pixels)


def qwen2_vl(folder: Path) -> Path:
    """Pictures of any size as patches."""
    return _qwen(folder, "qwen2_vl", {"embed_dim": 32, "hidden_size": 32, "mlp_ratio": 2}, 14, {})


def qwen2_5_vl(folder: Path) -> Path:
    """The same with windows of attention."""
    eyes = {"hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 32, "window_size": 56, "fullatt_block_indexes": [1]}
    return _qwen(folder, "qwen2_5_vl", eyes, 14, {})


def qwen3_vl(folder: Path) -> Path:
    """The same with early layers handed on."""
    eyes = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "out_hidden_size": 32,
        "num_position_embeddings": 16,
        "deepstack_visual_indexes": [0],
    }
    return _qwen(folder, "qwen3_vl", eyes, 16, {"head_dim": 8})


def _idefics(folder: Path, kind: str, processor: Any, pixels: Any) -> Path:
    words = tokenizer()
    eyes = {"image_size": 32, "patch_size": 8, **EYES}
    text = {"model_type": "llama", "vocab_size": len(words), "max_position_embeddings": 1024, "pad_token_id": 0, **WORDS}
    number = words.convert_tokens_to_ids("<image>")
    config = AutoConfig.for_model(kind, vision_config=eyes, text_config=text, image_token_id=number, scale_factor=2, pad_token_id=0)
    small = {"size": {"longest_edge": 64}, "max_image_size": {"longest_edge": 32}, "do_image_splitting": True}
    words.chat_template = seen("<image>")
    words.save_pretrained(folder)
    pixels(**small).save_pretrained(folder)
    (folder / "processor_config.json").write_text(json.dumps({"processor_class": processor, "image_seq_len": 4}))
    return save(folder, config)


def idefics3(folder: Path) -> Path:
    """Pictures split into tiles, as the first SmolVLM has it."""
    return _idefics(folder, "idefics3", "Idefics3Processor", Idefics3ImageProcessorPil)


def smolvlm(folder: Path) -> Path:
    """The same as the second has it."""
    return _idefics(folder, "smolvlm", "SmolVLMProcessor", SmolVLMImageProcessorPil)


def blip(folder: Path) -> Path:
    """A text decoder that looks at a picture."""
    words = tokenizer(ends=True)
    numbers = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "sep_token_id": 2}
    text = {"vocab_size": len(words), "max_position_embeddings": 160, "encoder_hidden_size": 32, **numbers, **EYES}
    config = BlipConfig(
        text_config=text, vision_config={"image_size": 32, "patch_size": 8, **EYES}, projection_dim=32, image_text_hidden_size=32
    )
    pixels = BlipImageProcessorPil(size={"height": 32, "width": 32})
    return save(folder, config, BlipProcessor(pixels, words), kind=BlipForConditionalGeneration)


def blip2(folder: Path) -> Path:
    """Queries between a ViT and an OPT."""
    words = tokenizer(image_token="<image>")
    text = {
        "model_type": "opt", "vocab_size": len(words), "hidden_size": 32, "ffn_dim": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "word_embed_proj_dim": 32, "max_position_embeddings": 160, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
    }  # fmt: skip
    queries = {"vocab_size": len(words), "encoder_hidden_size": 32, **EYES}
    config = AutoConfig.for_model(
        "blip-2", vision_config={"image_size": 32, "patch_size": 8, **EYES}, qformer_config=queries, text_config=text, num_query_tokens=4,
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    pixels = BlipImageProcessorPil(size={"height": 32, "width": 32})
    return save(folder, config, Blip2Processor(pixels, words, num_query_tokens=4))


def paligemma(folder: Path) -> Path:
    """SigLIP's eyes before a Gemma."""
    words = tokenizer(image_token="<image>")
    eyes = {"model_type": "siglip_vision_model", "image_size": 32, "patch_size": 8, "vision_use_head": False, **EYES}
    pixels = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    pixels.image_seq_length = 16
    processor = PaliGemmaProcessor(pixels, words)
    text = {
        "model_type": "gemma",
        "vocab_size": len(words),
        "head_dim": 8,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
        **WORDS,
    }
    number = words.convert_tokens_to_ids("<image>")
    config = AutoConfig.for_model(
        "paligemma", vision_config=eyes, text_config=text, projection_dim=32, hidden_size=32, image_token_index=number
    )
    return save(folder, config, processor)


def git(folder: Path) -> Path:
    """One transformer over patches and words."""
    words = tokenizer(ends=True)
    config = GitConfig(
        vision_config={"image_size": 32, "patch_size": 8, **EYES}, vocab_size=len(words), max_position_embeddings=160, bos_token_id=1,
        eos_token_id=2, pad_token_id=0, **EYES,
    )  # fmt: skip
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return save(folder, config, GitProcessor(pixels, words), kind=GitForCausalLM)


def vit_gpt2(folder: Path) -> Path:
    """A ViT with a GPT-2."""
    words = tokenizer()
    eyes = ViTConfig(image_size=32, patch_size=8, **EYES)
    text = GPT2Config(
        vocab_size=len(words),
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=160,
        bos_token_id=1,
        eos_token_id=2,
        add_cross_attention=True,
        is_decoder=True,
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(eyes, text)
    config.decoder_start_token_id, config.pad_token_id = 1, 0
    pixels = ViTImageProcessorPil(size={"height": 32, "width": 32})
    return save(folder, config, words, pixels, kind=VisionEncoderDecoderModel, decoder_start_token_id=1)


def florence2(folder: Path) -> Path:
    """DaViT with BART, its tasks and places as words."""
    words = tokenizer(*(f"<loc_{number}>" for number in range(1000)), image_token="<image>")
    eyes = {
        "depths": [1, 1], "patch_size": [7, 3], "patch_stride": [4, 2], "patch_padding": [3, 1], "patch_prenorm": [False, True],
        "embed_dim": [16, 32], "num_heads": [2, 4], "num_groups": [2, 4], "window_size": 2, "projection_dim": 32,
    }  # fmt: skip
    text = {
        "model_type": "bart", "vocab_size": len(words), "d_model": 32, "encoder_layers": 1, "decoder_layers": 1,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
        "max_position_embeddings": 256, "bos_token_id": 1, "pad_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2,
        "forced_eos_token_id": 2,
    }  # fmt: skip
    config = AutoConfig.for_model("florence2", vision_config=eyes, text_config=text, image_token_id=words.image_token_id)
    pixels = CLIPImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False)
    pixels.image_seq_length = 17
    return save(folder, config, Florence2Processor(pixels, words), kind=Florence2ForConditionalGeneration, decoder_start_token_id=2)


CHATS = {one.__name__: one for one in (llama, gpt2, llava, qwen2_vl, qwen2_5_vl, qwen3_vl, idefics3, smolvlm)}
CAPTIONERS = {one.__name__: one for one in (blip, blip2, git, paligemma, vit_gpt2, florence2)}
