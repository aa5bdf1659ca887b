"""A tiny text-to-image pipeline with random weights, saved as diffusers saves one."""

from pathlib import Path

import torch
import transformers as t
from diffusers import AutoencoderKL, DDIMScheduler, DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tiny_hf_3 import clip_tokenizer


def pipeline(folder: Path, restless: bool = False) -> Path:
    """With `restless`, noise is drawn at every step, too."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(8, 16), norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=8,
        cross_attention_dim=16,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 16), norm_num_groups=4, latent_channels=4, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"), up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
    )  # fmt: skip
    text = t.CLIPTextConfig(
        vocab_size=190, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=32,
        bos_token_id=188, eos_token_id=189, pad_token_id=0,
    )  # fmt: skip
    scheduler = DDPMScheduler if restless else DDIMScheduler
    made = StableDiffusionPipeline(
        vae=vae, unet=unet, text_encoder=t.CLIPTextModel(text), tokenizer=clip_tokenizer(32), safety_checker=None, feature_extractor=None,
        scheduler=scheduler(clip_sample=False, steps_offset=1), requires_safety_checker=False,
    )  # fmt: skip
    made.save_pretrained(folder)
    return folder
