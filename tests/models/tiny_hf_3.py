"""Tiny models that see, with random weights, saved as their makers save them. Each builder fills one folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers as t
from PIL import Image as Pillow
from transformers.utils import logging

from diptych.data.errors import PictureError
from diptych.data.pictures import Picture
from diptych.models.addresses import open_model
from diptych.models.hf import open_hf

SIDE = 64
STAGES = ["stage1", "stage2", "stage3", "stage4"]
SIZES = ((64, 64), (64, 48), (48, 64), (64, 64))  # of the pictures asked about


def noise(width: int, height: int, seed: int = 0) -> Picture:
    """So that random weights have something to differ by."""
    image = Pillow.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))
    return Picture(f"{width}x{height}-{seed}", width, height, image.copy)


def pictures() -> list[Picture]:
    """Four pictures of three shapes."""
    return [noise(*size, seed) for seed, size in enumerate(SIZES)]


def unseen(picture: Picture) -> Picture:
    """The same picture, whose pixels cannot be decoded."""

    def broken() -> Any:
        raise PictureError(f"{picture.key} is broken: put it back")

    return Picture("broken", picture.width, picture.height, broken)


def model(address: str, ability: type) -> Any:
    """As a user opens it."""
    return open_model(address, ability, {"hf": open_hf})


def sharpened(model: Any, by: float = 3.0) -> Any:
    """Random weights grown, so that what comes out differs between pictures and places."""
    with torch.no_grad():
        for value in model.parameters():
            if value.ndim > 1:
                value.mul_(by)
    return model


def clip_tokenizer(length: int = 16) -> Any:
    letters = [chr(n) for n in range(33, 127)]
    vocab = {token: n for n, token in enumerate([*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"])}
    return t.CLIPTokenizer(vocab=vocab, merges=[], pad_token="!", model_max_length=length)


def bert_tokenizer() -> Any:
    """Marks at the places where BERT has them, for Grounding DINO knows them by number."""
    words = [f"[unused{n}]" for n in range(1040)]
    for n, word in {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]", 1012: ".", 1029: "?"}.items():
        words[n] = word
    for n, word in enumerate(("a", "dog", "red", "cube", "cat", "##s", "brown", "two", "ball"), 1):
        words[n] = word
    return t.BertTokenizer(vocab={word: n for n, word in enumerate(words)})


def saved(folder: Path, *parts: Any) -> Path:
    logging.disable_progress_bar()
    for part in parts:
        part.save_pretrained(folder)
    return folder


def _clip_parts() -> dict[str, Any]:
    same = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    return {
        "text_config": {**same, "vocab_size": 190, "max_position_embeddings": 16, "bos_token_id": 188, "eos_token_id": 189},
        "vision_config": {**same, "image_size": SIDE, "patch_size": 16},
        "projection_dim": 32,
    }


def _tempered(model: Any) -> Any:
    for head in (model.class_head, model.box_head):
        sharpened(head, 0.2)  # or every score were 0 or 1, every box empty
    return model


def owlv2(folder: Path) -> Path:
    model = _tempered(t.Owlv2ForObjectDetection(t.Owlv2Config(**_clip_parts())))
    return saved(folder, model, t.Owlv2Processor(t.Owlv2ImageProcessorPil(size={"height": SIDE, "width": SIDE}), clip_tokenizer()))


def owlvit(folder: Path) -> Path:
    model = _tempered(t.OwlViTForObjectDetection(t.OwlViTConfig(**_clip_parts())))
    return saved(folder, model, t.OwlViTProcessor(t.OwlViTImageProcessorPil(size={"height": SIDE, "width": SIDE}), clip_tokenizer()))


def swin() -> Any:
    return t.SwinConfig(
        image_size=SIDE, patch_size=4, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4,
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip


def _grounding(config: Any, model: Any, folder: Path) -> Path:
    text = t.BertConfig(vocab_size=1040, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    config = config(
        backbone_config=swin(), text_config=text, d_model=32, num_queries=20, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, encoder_attention_heads=2, decoder_attention_heads=2, encoder_n_points=2, decoder_n_points=2, max_text_len=24,
    )  # fmt: skip
    processor = t.GroundingDinoProcessor(
        t.GroundingDinoImageProcessorPil(size={"shortest_edge": 96, "longest_edge": 128}), bert_tokenizer()
    )
    return saved(folder, sharpened(model(config), 1.5), processor)


def grounding_dino(folder: Path) -> Path:
    return _grounding(t.GroundingDinoConfig, t.GroundingDinoForObjectDetection, folder)


def mm_grounding_dino(folder: Path) -> Path:
    return _grounding(t.MMGroundingDinoConfig, t.MMGroundingDinoForObjectDetection, folder)


_NAMED = {"id2label": {0: "dog", 1: "Ball", 2: "traffic light"}, "label2id": {"dog": 0, "Ball": 1, "traffic light": 2}}
_LONGER = {"shortest_edge": SIDE, "longest_edge": SIDE + SIDE // 2}


def yolos(folder: Path) -> Path:
    config = t.YolosConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, image_size=[SIDE, SIDE], patch_size=16,
        num_detection_tokens=10, **_NAMED,
    )  # fmt: skip
    model = sharpened(t.YolosForObjectDetection(config))
    model.vit.embeddings.detection_tokens.data.normal_()  # or every query asked the same
    return saved(folder, model, t.YolosImageProcessorPil(size=_LONGER))


def detr(folder: Path) -> Path:
    backbone = t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], out_features=["stage4"])
    config = t.DetrConfig(
        backbone_config=backbone, d_model=16, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
        encoder_attention_heads=2, decoder_attention_heads=2, num_queries=12, **_NAMED,
    )  # fmt: skip
    model = sharpened(t.DetrForObjectDetection(config))
    sharpened(model.model.query_position_embeddings, 50)
    return saved(folder, model, t.DetrImageProcessorPil(size=_LONGER))


def rt_detr(folder: Path) -> Path:
    backbone = t.RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage2", "stage3", "stage4"]
    )
    config = t.RTDetrConfig(
        backbone_config=backbone, encoder_hidden_dim=16, encoder_in_channels=[8, 16, 16], encoder_ffn_dim=16, encoder_attention_heads=2,
        d_model=16, num_queries=20, decoder_in_channels=[16, 16, 16], decoder_ffn_dim=16, decoder_attention_heads=2, decoder_layers=2,
        decoder_n_points=2, **_NAMED,
    )  # fmt: skip
    return saved(folder, sharpened(t.RTDetrForObjectDetection(config)), t.RTDetrImageProcessorPil(size={"height": SIDE, "width": SIDE}))


def sam(folder: Path) -> Path:
    config = t.SamConfig(
        vision_config={"hidden_size": 32, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIDE,
                       "patch_size": 8, "window_size": 4, "mlp_dim": 64, "global_attn_indexes": [1], "num_pos_feats": 8},
        prompt_encoder_config={"hidden_size": 16, "image_size": SIDE, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={"hidden_size": 16, "mlp_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "iou_head_hidden_dim": 16},
    )  # fmt: skip
    sides = {"size": {"longest_edge": SIDE}, "pad_size": {"height": SIDE, "width": SIDE}}
    return saved(folder, sharpened(t.SamModel(config)), t.SamProcessor(t.SamImageProcessorPil(**sides)))


def _instances() -> dict[str, Any]:
    return {"backbone_config": swin_all(), "num_queries": 12, "id2label": {0: "dog", 1: "ball"}, "label2id": {"dog": 0, "ball": 1}}


def swin_all() -> Any:
    return t.SwinConfig(
        image_size=SIDE, patch_size=4, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4,
        out_features=STAGES,
    )  # fmt: skip


def _sure(model: Any) -> Any:
    """That every instance is a dog."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "class_" in name and name.endswith("bias") and value.shape == (3,):
                value.add_(torch.tensor([4.0, 0.0, 0.0]))
    return sharpened(model)


def mask2former(folder: Path) -> Path:
    config = t.Mask2FormerConfig(
        **_instances(), feature_size=32, mask_feature_size=32, hidden_dim=32, encoder_feedforward_dim=16, encoder_layers=1,
        decoder_layers=2, num_attention_heads=2, dim_feedforward=16,
    )  # fmt: skip
    processor = t.Mask2FormerImageProcessorPil(size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE}, ignore_index=255)
    return saved(folder, _sure(t.Mask2FormerForUniversalSegmentation(config)), processor)


def maskformer(folder: Path) -> Path:
    decoder = t.DetrConfig(
        backbone_config=t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], out_features=["stage4"]),
        d_model=16, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=16, decoder_ffn_dim=16, encoder_attention_heads=2,
        decoder_attention_heads=2, num_queries=12,
    )  # fmt: skip
    config = t.MaskFormerConfig(
        backbone_config=swin_all(), decoder_config=decoder, fpn_feature_size=32, mask_feature_size=32, num_queries=12,
        id2label={0: "dog", 1: "ball"}, label2id={"dog": 0, "ball": 1},
    )  # fmt: skip
    processor = t.MaskFormerImageProcessorPil(size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE}, ignore_index=255)
    return saved(folder, _sure(t.MaskFormerForInstanceSegmentation(config)), processor)


def oneformer(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "classes.json").write_text(json.dumps({"0": {"name": "dog", "isthing": 1}, "1": {"name": "ball", "isthing": 1}}))
    config = t.OneFormerConfig(
        **_instances(), hidden_dim=32, conv_dim=32, mask_dim=32, encoder_feedforward_dim=16, encoder_layers=1, dim_feedforward=16,
        decoder_layers=2, num_attention_heads=2, task_seq_len=24, max_seq_len=24, text_encoder_width=16, text_encoder_context_length=24,
        text_encoder_num_layers=1, text_encoder_vocab_size=190, text_encoder_proj_layers=1, text_encoder_n_ctx=4, use_auxiliary_loss=False,
    )  # fmt: skip
    image_processor = t.OneFormerImageProcessorPil(
        size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE}, ignore_index=255, repo_path=str(folder), class_info_file="classes.json",
        num_text=4,
    )  # fmt: skip
    processor = t.OneFormerProcessor(image_processor, clip_tokenizer(24), max_seq_length=24, task_seq_length=24)
    return saved(folder, _sure(t.OneFormerForUniversalSegmentation(config)), processor)


def depth_anything(folder: Path, kind: str = "relative") -> Path:
    backbone = t.Dinov2Config(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, image_size=56, patch_size=14, out_features=STAGES,
        reshape_hidden_states=False, apply_layernorm=True,
    )  # fmt: skip
    config = t.DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=16, patch_size=14, neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8,
        head_hidden_size=8, depth_estimation_type=kind, max_depth=20 if kind == "metric" else 1,
    )  # fmt: skip
    processor = t.DPTImageProcessorPil(size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14)
    model = sharpened(t.DepthAnythingForDepthEstimation(config), 2)
    sharpened(model.head.conv3, 20_000)  # or the map were flat
    return saved(folder, model, processor)


def metric_depth(folder: Path) -> Path:
    return depth_anything(folder, "metric")


def dpt(folder: Path) -> Path:
    config = t.DPTConfig(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32, image_size=SIDE, patch_size=16,
        backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8,
    )  # fmt: skip
    return saved(folder, sharpened(t.DPTForDepthEstimation(config), 2), t.DPTImageProcessorPil(size={"height": SIDE, "width": SIDE}))


def glpn(folder: Path) -> Path:
    config = t.GLPNConfig(
        num_encoder_blocks=4, depths=[1, 1, 1, 1], hidden_sizes=[8, 8, 8, 8], num_attention_heads=[1, 1, 2, 2], decoder_hidden_size=8
    )
    return saved(folder, sharpened(t.GLPNForDepthEstimation(config)), t.GLPNImageProcessorPil())
