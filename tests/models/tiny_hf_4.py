"""More tiny chat models that see, of other families; random weights as in tiny_hf."""

import json
from pathlib import Path

from tiny_hf import EYES, WORDS, save, seen, tokenizer
from transformers import (
    AutoConfig,
    Gemma3ImageProcessorPil,
    Gemma3Processor,
    GotOcr2ImageProcessorPil,
    LlavaNextImageProcessorPil,
    LlavaNextProcessor,
    LlavaOnevisionImageProcessorPil,
)


def llava_next(folder: Path) -> Path:
    """Tiles of any aspect."""
    words = tokenizer()
    eyes = {"model_type": "clip_vision_model", "image_size": 28, "patch_size": 14, "projection_dim": 32, **EYES}
    text = {"model_type": "llama", "vocab_size": len(words), "max_position_embeddings": 512, **WORDS}
    grid = [[28, 56], [56, 28], [56, 56]]
    number = words.convert_tokens_to_ids("<image>")
    config = AutoConfig.for_model("llava_next", vision_config=eyes, text_config=text, image_token_index=number, image_grid_pinpoints=grid)
    pixels = LlavaNextImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}, image_grid_pinpoints=grid)
    ways = {"patch_size": 14, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
    return save(folder, config, LlavaNextProcessor(pixels, words, chat_template=seen("<image>"), **ways))


def _without_video(folder: Path, kind: str, **ways: object) -> None:
    (folder / "processor_config.json").write_text(json.dumps({"processor_class": kind, **ways}))


def llava_onevision(folder: Path) -> Path:
    """The same with SigLIP's eyes and Qwen's words."""
    words = tokenizer()
    words.chat_template = seen("<image>")
    eyes = {"model_type": "siglip_vision_model", "image_size": 28, "patch_size": 14, "vision_use_head": False, **EYES}
    text = {"model_type": "qwen2", "vocab_size": len(words), "max_position_embeddings": 512, **WORDS}
    grid = [[28, 28], [28, 56], [56, 28]]
    number = words.convert_tokens_to_ids("<image>")
    config = AutoConfig.for_model(
        "llava_onevision", vision_config=eyes, text_config=text, image_token_index=number, image_grid_pinpoints=grid, video_token_index=9
    )
    pixels = LlavaOnevisionImageProcessorPil(size={"height": 28, "width": 28}, image_grid_pinpoints=grid)
    _without_video(folder, "LlavaOnevisionProcessor", num_image_tokens=4, vision_feature_select_strategy="full")
    return save(folder, config, words, pixels)


def internvl(folder: Path) -> Path:
    """A ViT with pixels shuffled before Qwen's words."""
    named = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>", "video_token": "<video>"}
    words = tokenizer(*named.values(), **named)
    words.chat_template = seen("<IMG_CONTEXT>")
    eyes = {"image_size": [32, 32], "patch_size": [8, 8], **EYES}
    text = {"model_type": "qwen2", "vocab_size": len(words), "max_position_embeddings": 512, **WORDS}
    number = words.convert_tokens_to_ids("<IMG_CONTEXT>")
    config = AutoConfig.for_model("internvl", vision_config=eyes, text_config=text, image_token_id=number, image_seq_length=4)
    pixels = GotOcr2ImageProcessorPil(size={"height": 32, "width": 32}, crop_to_patches=True, max_patches=3)
    _without_video(folder, "InternVLProcessor", image_seq_length=4)
    return save(folder, config, words, pixels)


def gemma3(folder: Path) -> Path:
    """SigLIP's eyes before words that look back a short way."""
    named = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    words = tokenizer(*named.values(), **named)
    words.chat_template = seen("<start_of_image>")
    numbers = {f"{name[:-6]}_token_index": words.convert_tokens_to_ids(word) for name, word in named.items()}
    eyes = {"model_type": "siglip_vision_model", "image_size": 32, "patch_size": 8, "vision_use_head": False, **EYES}
    text = {
        "vocab_size": len(words),
        "head_dim": 8,
        "sliding_window": 16,
        "tie_word_embeddings": False,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **WORDS,
    }
    config = AutoConfig.for_model(
        "gemma3", vision_config=eyes, text_config=text, mm_tokens_per_image=4, tie_word_embeddings=False, **numbers
    )
    pixels = Gemma3ImageProcessorPil(size={"height": 32, "width": 32})
    return save(folder, config, Gemma3Processor(pixels, words, chat_template=words.chat_template, image_seq_length=4))


CHATS = {one.__name__: one for one in (llava_next, llava_onevision, internvl, gemma3)}
