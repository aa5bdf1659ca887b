"""Models from folders: safetensors alone, nothing remote; what is remembered by a folder's name is read anew when it changes."""

import ast
import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from diptych.data.errors import AddressError
from diptych.models.folders import folder_at, from_folder
from diptych.models.prefix_captioner import PrefixCaptioner, PrefixCaptionerConfig
from diptych.train.policy_gradient import opened

SOURCE = Path(__file__).parents[2] / "src" / "diptych"


def captioner(folder: Path, seed: int) -> PrefixCaptioner:
    torch.manual_seed(seed)
    made = PrefixCaptioner(PrefixCaptionerConfig(vocabulary=7, width=8, heads=2, places=0))
    made.save_pretrained(folder)
    return made


def test_pickled_weights_and_remote_code_are_refused(tmp_path: Path) -> None:
    made = captioner(tmp_path, 0)
    assert torch.equal(from_folder(PrefixCaptioner, f"hf:{tmp_path}").decoder.head.weight, made.decoder.head.weight)
    torch.save(made.state_dict(), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(AddressError, match="does not open"):
        from_folder(PrefixCaptioner, tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": {"AutoConfig": "own.Own"}}))
    (tmp_path / "own.py").write_text("raise SystemExit('ran')")
    with pytest.raises(AddressError, match="does not open"):
        from_folder(AutoModelForCausalLM, tmp_path)
    with pytest.raises(AddressError, match="holds no model"):
        from_folder(PrefixCaptioner, tmp_path / "nowhere")
    assert folder_at("hf:~/x") == Path.home() / "x"


def test_a_reference_is_opened_again_where_its_folder_was_written_anew(tmp_path: Path) -> None:
    first = captioner(tmp_path, 0)
    assert torch.equal(opened(str(tmp_path), torch.device("cpu")).decoder.head.weight, first.decoder.head.weight)
    assert opened(str(tmp_path), torch.device("cpu")) is opened(str(tmp_path), torch.device("cpu"))
    second = captioner(tmp_path, 1)
    assert torch.equal(opened(str(tmp_path), torch.device("cpu")).decoder.head.weight, second.decoder.head.weight)


def test_whatever_is_opened_says_how() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "from_pretrained":
                told = {word.arg for word in node.keywords} & {"use_safetensors", "trust_remote_code", "local_files_only"}
                config = "config" in ast.unparse(node.func.value)
                found += [] if told or config else [f"{path.relative_to(SOURCE)}:{node.lineno}"]
    assert not found, "weights and tokenizers are opened without pickle and remote code"
