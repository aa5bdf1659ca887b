"""`diptych models`: what there is, and what one address is, without opening anything."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.cli import main, model_told
from diptych.cli.models import rows
from diptych.data.errors import AddressError
from diptych.lab.opening import without_source
from diptych.models.abilities import Painter
from diptych.models.addresses import parse_address
from diptych.models.openai_address import OPTIONS
from diptych.models.suggested import SUGGESTED, facts, suggested

KEY = "sk-never-to-be-seen"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["models", *words]) == 0
    return capsys.readouterr().out


def test_each_ability_is_listed_with_real_models(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "detector").splitlines()
    assert any(line.startswith("detector        nano:detector ") for line in lines)
    assert any("hf:google/owlv2-base-patch16-ensemble" in line and "155 M parameters" in line and "Apache-2.0" in line for line in lines)
    assert said(capsys, "Detector").splitlines() == lines
    everything = [json.loads(line) for line in said(capsys, "--json").splitlines()]
    assert everything == rows() and len({row["ability"] for row in everything}) >= 14


def test_every_suggestion_is_an_address_with_facts() -> None:
    assert len({one.address for one in SUGGESTED}) == len(SUGGESTED)
    for one in SUGGESTED:
        address = parse_address(one.address)
        assert address.scheme in ("hf", "openai") and one.licence and one.abilities
        assert one.where == "hosted" or one.millions or one.note
        assert facts(one.address) is one
        if address.scheme == "openai":
            assert set(address.options) <= set(OPTIONS)
    for ability in {able for one in SUGGESTED for able in one.abilities} - {Painter}:
        assert {one.where for one in suggested(ability)} & {"laptop", "one GPU"}, ability
    assert facts("hf:google/owlv2-base-patch16-ensemble@main?batch=2") is not None and facts("hf:nobody/knows") is None


def test_sizes_by_hand() -> None:
    owl = facts("hf:google/owlv2-base-patch16-ensemble")
    assert owl is not None and owl.gigabytes == pytest.approx(0.62)  # four bytes each on a laptop
    sam = facts("hf:facebook/sam-vit-huge")
    assert sam is not None and sam.gigabytes == pytest.approx(2.564)  # and on a GPU, where what writes has two
    assert facts("hf:Qwen/Qwen2.5-7B-Instruct").told == "one GPU; 7.6 B parameters, 15 GB of weights; Apache-2.0"


def test_an_address_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "owlv2"}')
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    head = json.dumps({"a": {"dtype": "BF16", "shape": [1000, 2000], "data_offsets": [0, 1]}}).encode()
    (tmp_path / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    told = json.loads(said(capsys, f"hf:{tmp_path}", "--json"))
    assert told["what"] == "owlv2, 2 M parameters, BF16" and told["abilities"] == ["detector"] and told["licence"] == "mit"
    assert "0.008 GB in float32, 0.004 GB in bfloat16" in told["needs"] and "the extra models (installed)" in told["needs"]
    assert "abilities  detector\n" in said(capsys, f"hf:{tmp_path}")


def test_a_model_that_is_not_here_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    known = said(capsys, "hf:facebook/sam-vit-base@v1")
    assert "94 M parameters" in known and "segmenter" in known and "hf download facebook/sam-vit-base --revision v1" in known
    unknown = said(capsys, "hf:nobody/knows")
    assert "not on this machine" in unknown and "hf download nobody/knows" in unknown


def test_a_hosted_model_is_told_and_its_key_is_not(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    told = said(capsys, "openai:gpt-4.1-mini?in=.4&out=1.6")
    assert "OPENAI_API_KEY (set)" in told and "US$ 0.4 in and 1.6 out" in told and "captioner" in told and KEY not in told
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "(not set)" in said(capsys, "openai:m?base=http://127.0.0.1:1/v1")


def test_own_addresses_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "abilities  captioner\n" in said(capsys, "nano:captioner-a")
    assert "abilities  captioner, detector, ocr, segmenter\n" in said(capsys, "file:some.jsonl")
    for address, ability, needs in (
        ("tesseract:?languages=deu", "ocr", "apt-get install tesseract-ocr"),
        ("rapidocr:", "ocr", "the extra experts"),
        ("faces:", "detector", "the extra experts"),
        ("colours:?least=.3", "answerer", "by its pixels"),
    ):
        told = said(capsys, address)
        assert f"abilities  {ability}\n" in told and needs in told
    assert "abilities  entailer, writer\n" in said(capsys, "rules:") and "here " not in said(capsys, "rules:")
    assert "abilities  matcher\n" in said(capsys, "sim:matcher?noise=.1")


@pytest.mark.parametrize(
    ("address", "remedy"), [("tesseract:", "apt-get install tesseract-ocr"), ("faces:", "pip install"), ("rapidocr:", "pip install")]
)
def test_it_is_told_whether_an_expert_is_installed(
    address: str, remedy: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(model_told, "find_spec", lambda name: object())
    assert json.loads(said(capsys, address, "--json"))["here"] == ("/bin/tesseract" if address == "tesseract:" else "yes")
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(model_told, "find_spec", lambda name: None)
    assert f"here       no: `{remedy}" in said(capsys, address)


@pytest.mark.parametrize(
    ("which", "why"),
    [
        ("nope", "there is no ability 'nope'"),
        ("nano:nope", "nothing answers to 'nano:nope'"),
        ("strange:x", "nothing answers to 'strange:x'"),
        ("hf:./nowhere", "there is no folder"),
        ("hf:a/b/c", "is no name of the hub"),
        ("openai:", "names no model"),
    ],
)
def test_mistakes_are_told(which: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", which]) == 1
    assert why in capsys.readouterr().err


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "sam"}')
    asked = ["detector", f"hf:{tmp_path}", "hf:facebook/sam-vit-base"]
    code = f"import sys\nfrom diptych.cli import main\nassert not any(main(['models', which]) for which in {asked!r})\n"
    heavy = "sys.exit(bool({'torch', 'transformers', 'diffusers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + heavy], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_painter_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(AddressError, match=r"needs diffusers to paint: pip install 'diptych\[paint\]'"):
        without_source()(f"hf:{tmp_path}", Painter)
