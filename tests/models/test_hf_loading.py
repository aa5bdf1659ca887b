"""How models of transformers are opened: what is pinned, refused and said; what is done where memory runs out."""

import json
import re
import shutil
import time

import huggingface_hub
import pytest
import tiny_hf
import torch
from transformers import AutoModelForCausalLM, AutoProcessor, BlipForImageTextRetrieval, LlamaModel
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from diptych.data.errors import AddressError
from diptych.models.abilities import Captioner, ChatModel, ChatRequest, Ocr, Replied
from diptych.models.addresses import open_model, parse_address
from diptych.models.hf import open_hf
from diptych.models.hf_loading import Room, in_batches, model_of, place_of, processor_of
from diptych.models.pretrained import dual_of
from diptych.models.suggested import near

PINNED, LATER = "1" * 40, "2" * 40


def refused(address: str, ability: type = ChatModel) -> str:
    with pytest.raises(AddressError) as caught:
        open_model(address, ability, {"hf": open_hf})
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("?dtype=int8", "dtype must be one of float32, float16, bfloat16, got 'int8'"),
        ("?batch=0", "batch must be a whole number of at least 1, got '0'"),
        ("?batch=2.5", "batch must be a whole number of at least 1, got '2.5'"),
        ("?device=gpu", "device must be cpu, cuda, cuda:NUMBER or mps, got 'gpu'"),
        ("?temperature=1", "takes no option 'temperature': it takes device, dtype, batch, family"),
    ],
)
def test_options_are_checked(options, said, checkpoint):
    assert said in refused(f"hf:{checkpoint(tiny_hf.llama)}{options}")


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_gpu_that_is_not_there_is_said(checkpoint):
    assert "torch sees no GPU here: leave it out, or say device=cpu" in refused(f"hf:{checkpoint(tiny_hf.llama)}?device=cuda:0")


def test_the_type_of_numbers_is_as_asked(checkpoint):
    place = place_of(parse_address(f"hf:{checkpoint(tiny_hf.llava)}?dtype=bfloat16&device=cpu&batch=3"))
    assert (place.dtype, place.device, place.batch.size, place.revision) == (torch.bfloat16, "cpu", 3, None)
    chat = open_model(f"hf:{place.name}?dtype=bfloat16", ChatModel, {"hf": open_hf})
    assert {weights.dtype for weights in chat.model.parameters()} == {torch.bfloat16}
    assert isinstance(chat.chat([ChatRequest("what?", (tiny_hf.picture(1),), tokens=4)])[0], Replied)


def test_a_path_is_taken_from_where_one_stands(checkpoint, monkeypatch, tmp_path):
    shutil.copytree(checkpoint(tiny_hf.llama), tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    model = open_model("hf:./mine", ChatModel, {"hf": open_hf})
    monkeypatch.chdir("/")
    assert isinstance(model.chat([ChatRequest("what?", tokens=4)])[0], Replied)


def test_pickles_are_never_opened(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint(tiny_hf.llama), tmp_path / "m")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch /tmp/opened'\ntR.")
    said = refused(f"hf:{folder}")
    assert "keeps its weights as a pickle (pytorch_model.bin), which may hold code and is never opened" in said
    assert "name a folder with model.safetensors" in said


def test_code_beside_the_weights_never_runs(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint(tiny_hf.llama), tmp_path / "m")
    (folder / "evil.py").write_text("raise SystemExit('it ran')\n")
    told = json.loads((folder / "config.json").read_text())
    own = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(told | {"auto_map": own, "model_type": "evil"}))
    assert "needs code of its own (evil.Config), which never runs: name a model that needs none" in refused(f"hf:{folder}")
    # an architecture that transformers has is opened by its own code
    (folder / "config.json").write_text(json.dumps(told | {"auto_map": own}))
    assert isinstance(open_model(f"hf:{folder}", ChatModel, {"hf": open_hf}).chat([ChatRequest("what?", tokens=4)])[0], Replied)


def test_weights_that_are_not_there_are_not_drawn_at_random(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint(tiny_hf.llama), tmp_path / "m")
    LlamaModel.from_pretrained(folder).save_pretrained(folder)
    said = refused(f"hf:{folder}")
    assert "has no weights for lm_head.weight of a LlamaForCausalLM (1 such): it was saved as LlamaModel" in said
    place = place_of(parse_address(f"hf:{folder}"))
    assert model_of(place, AutoModelForCausalLM, may_lack=("lm_head",)).training is False
    matcher = shutil.copytree(checkpoint(tiny_hf.blip), tmp_path / "matcher")
    torch.manual_seed(0)
    BlipForImageTextRetrieval(tiny_hf.BlipConfig.from_pretrained(matcher)).save_pretrained(matcher)
    assert "it was saved as BlipForImageTextRetrieval" in refused(f"hf:{matcher}", Captioner)


def test_what_is_missing_or_broken_is_said(checkpoint, tmp_path):
    assert "there is no folder" in refused(f"hf:{tmp_path}/nowhere")
    folder = shutil.copytree(checkpoint(tiny_hf.llama), tmp_path / "m")
    (folder / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    assert "does not open as AutoModelForCausalLM" in refused(f"hf:{folder}")
    (folder / "model.safetensors").unlink()
    assert "does not open as AutoModelForCausalLM" in refused(f"hf:{folder}")
    (folder / "config.json").write_text("{")
    assert "config.json" in refused(f"hf:{folder}")
    assert "cannot be a Ocr: transformers serve as Captioner, Answerer" in refused(f"hf:{checkpoint(tiny_hf.llama)}", Ocr)


@pytest.mark.parametrize(
    ("file", "told", "said"),
    [
        ("config.json", {"auto_map": "evil", "model_type": "evil"}, r"needs code of its own \(evil\)"),
        ("config.json", {"auto_map": {"AutoConfig": 5}, "model_type": ["evil"]}, r"needs code of its own \(5\)"),
        ("config.json", {"model_type": "llama", "hidden_size": "big"}, "does not open as a model .*hidden_size"),
        ("generation_config.json", {"eos_token_id": "x"}, "must be one or more whole numbers, got 'x': correct its generation_config.json"),
    ],
)
def test_settings_that_are_none_are_said_in_one_line(checkpoint, tmp_path, file, told, said):
    folder = shutil.copytree(checkpoint(tiny_hf.llama), tmp_path / "m")
    (folder / file).write_text(json.dumps(told))
    words = refused(f"hf:{folder}")
    assert re.search(said, words) and "\n" not in words


@pytest.mark.parametrize("name", ["x" * 300, "./" + "x" * 300, "org/" + "é" * 128])
def test_names_that_no_file_has_are_said_briefly(name):
    words = refused(f"hf:{name}")
    assert "a part of more than 255 bytes" in words and len(words) < 200


@pytest.fixture
def hub(checkpoint, tmp_path, monkeypatch):
    """A cache of the hub with two commits of org/tiny, the later one `main`."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    root = tmp_path / "models--org--tiny"
    shutil.copytree(checkpoint(tiny_hf.llama), root / "snapshots" / LATER)
    first = shutil.copytree(checkpoint(tiny_hf.llama), root / "snapshots" / PINNED)
    other = AutoModelForCausalLM.from_pretrained(first)
    torch.nn.init.normal_(other.lm_head.weight)
    other.save_pretrained(first)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(LATER)
    (root / "refs" / "v1").write_text(PINNED)


@pytest.mark.usefixtures("hub")
def test_a_revision_is_pinned_and_its_commit_told():
    opened = {at: open_model(f"hf:org/tiny{at}", ChatModel, {"hf": open_hf}) for at in ("", "@v1", f"@{PINNED}")}
    assert {at: model.revision for at, model in opened.items()} == {"": LATER, "@v1": PINNED, f"@{PINNED}": PINNED}
    said = [model.chat([ChatRequest("what?", tokens=8)])[0].text for model in opened.values()]
    assert said[1] == said[2] != said[0]


@pytest.mark.usefixtures("hub")
def test_offline_a_model_that_is_not_here_is_said():
    said = refused("hf:org/other")
    assert "HF_HUB_OFFLINE is set: fetch it first with `hf download org/other`, check its name, or name a folder as hf:./PATH" in said
    assert "hf:org/tiny@v2 does not open" in refused("hf:org/tiny@v2")
    assert "names no model" in refused("hf:org/tiny@")


def test_offline_nothing_is_said_of_a_connection():
    said = refused("hf:org/other")
    assert "(it is not in the hub's cache on this machine)" in said and "connect" not in said
    with pytest.raises(AddressError, match=r"not in the hub's cache on this machine.*HF_HUB_OFFLINE is set") as caught:
        dual_of("hf:org/other")
    assert "connect" not in str(caught.value)


def test_a_hub_out_of_reach_is_told_after_one_try(monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:1/{repo_id}/resolve/{revision}/{filename}"
    )
    began = time.monotonic()
    said = refused("hf:Salesforce/blip-image-captioning-lage", Captioner)
    assert "the hub gave no answer" in said and "HF_HUB_OFFLINE=1 spares waiting" in said
    assert "did you mean hf:Salesforce/blip-image-captioning-large?" in said
    assert time.monotonic() - began < 10  # the client's own tries take 23 seconds a file


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("blip-image-captioning-large", "Salesforce/blip-image-captioning-large"),
        ("qwen/qwen2.5-1.5b-instruct", "Qwen/Qwen2.5-1.5B-Instruct"),
        ("microsoft/git-large-coco", ""),
        ("org/other", ""),
    ],
)
def test_names_near_a_listed_one(name, meant):
    assert near(name) == meant


def test_a_processor_does_without_its_video_part(checkpoint):
    place = place_of(parse_address(f"hf:{checkpoint(tiny_hf.qwen2_vl)}"))
    processor = processor_of(place)
    assert type(processor).__name__ == "Qwen2VLProcessor"
    shown = [tiny_hf.picture(1, 60, 40).pil(), tiny_hf.picture(2, 40, 90).pil()]
    text = "<|vision_start|><|image_pad|><|vision_end|>"
    made = processor(text=[f"a{text}b{text}"], images=shown, return_tensors="pt")
    plain = Qwen2VLImageProcessorPil.from_pretrained(place.name)(shown, return_tensors="pt")
    torch.testing.assert_close(made["pixel_values"], plain["pixel_values"], atol=0, rtol=0)
    first, second = (int(grid.prod()) // 4 for grid in plain["image_grid_thw"])
    pads = "".join(f"{letter}<|vision_start|>{'<|image_pad|>' * count}<|vision_end|>" for letter, count in (("a", first), ("b", second)))
    assert processor.tokenizer.decode(made["input_ids"][0]) == pads
    assert isinstance(processor, AutoProcessor) is False and processor.video_processor.num_frames is None


def test_a_batch_is_halved_where_memory_runs_out_and_stays_halved(capsys):
    room, tried = Room("hf:big", 8), []

    def call(items):
        tried.append(len(items))
        if len(items) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [item * 10 for item in items]

    assert in_batches(range(7), room, call) == [0, 10, 20, 30, 40, 50, 60]
    assert tried == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    assert in_batches(range(3), room, call) == [0, 10, 20]
    assert tried[9:] == [1, 1, 1]
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "hf:big: out of memory with 7 at once; going on with 3",
        "hf:big: out of memory with 3 at once; going on with 1",
    ]


def test_what_does_not_fit_alone_is_raised_and_other_errors_are():
    def full(_):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    def wrong(_):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="can't allocate memory"):
        in_batches(range(4), Room("hf:big", 4), full)
    room = Room("hf:big", 4)
    with pytest.raises(RuntimeError, match="shapes"):
        in_batches(range(4), room, wrong)
    assert room.size == 4
