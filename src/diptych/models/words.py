"""A tokenizer of whole words, learnt from texts and saved in the Hugging Face format."""

import re
from collections.abc import Iterable

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>", "<mask>")


def word_tokenizer(texts: Iterable[str], *, most: int = 4096) -> PreTrainedTokenizerFast:
    """Lower-case words and punctuation marks by frequency; every text becomes <bos> ... <eos>."""
    made = Tokenizer(models.WordLevel(unk_token="<unk>"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.train_from_iterator(texts, trainers.WordLevelTrainer(vocab_size=most, special_tokens=list(SPECIAL), show_progress=False))
    ends = [(word, made.token_to_id(word)) for word in ("<bos>", "<eos>")]
    made.post_processor = processors.TemplateProcessing(single="<bos> $A <eos>", special_tokens=ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", unk_token="<unk>", mask_token="<mask>",
        clean_up_tokenization_spaces=False,
    )  # fmt: skip


def tidied(text: str) -> str:
    """A decoded text as people write it: no space before marks, sentences that begin with a capital where they end with a full stop."""
    joined = re.sub(r"\s+([.,!?;:])", r"\1", text).strip()
    joined = re.sub(r'" ([^"]*?) "', r'"\1"', joined)
    if "." not in joined:
        return joined
    return re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), joined)
