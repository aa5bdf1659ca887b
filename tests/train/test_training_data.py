"""Pictures and texts from sources as they lie, decoded ahead; pictures that cannot be opened are replaced."""

import io
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_training as our
import torch
from PIL import Image as Pillow

from diptych.data.errors import InputError, PictureError
from diptych.data.opening import open_picture
from diptych.data.records import Record
from diptych.data.schema import to_batch
from diptych.data.sources import open_source
from diptych.models.words import word_tokenizer
from diptych.train.batch import Batch
from diptych.train.batches import Random
from diptych.train.data import Data, Inputs, tokens
from diptych.train.feed import Drawn, Place, made
from diptych.train.logs import read_log
from diptych.train.loop import train
from diptych.train.plan import Stage
from diptych.train.saving import read_about
from diptych.train.settings import Settings
from diptych.train.workers import ahead

COUNT = 12
CPU = torch.device("cpu")
INPUTS = Inputs(word_tokenizer(["red green blue picture 0 1 2 3 4 5 6 7 8 9"]), size=8)


def picture(number: int, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (20, 10), (number * 20, 100, 200)).save(file, kind)
    return file.getvalue()


def folder(at: Path) -> str:
    for number in range(COUNT):
        (at / f"{number:02d}.png").write_bytes(picture(number))
        (at / f"{number:02d}.txt").write_text(f"picture {number}")
    return str(at)


def tars(at: Path) -> str:
    for start in (0, 6):
        with tarfile.open(at / f"x-{start}.tar", "w") as tar:
            for number in range(start, start + 6):
                for ending, held in (("png", picture(number)), ("txt", f"picture {number}".encode())):
                    info = tarfile.TarInfo(f"{number:02d}.{ending}")
                    info.size = len(held)
                    tar.addfile(info, io.BytesIO(held))
    return str(at / "x-*.tar")


def parquet(at: Path) -> str:
    held = [{"bytes": picture(number), "path": f"{number}.png"} for number in range(COUNT)]
    pq.write_table(pa.table({"image": held, "caption": [f"picture {number}" for number in range(COUNT)]}), at / "x.parquet")
    return str(at / "x.parquet")


def run_folder(at: Path) -> str:
    (at / "pictures").mkdir()
    records = list(open_source(folder(at / "pictures")))
    (at / "run" / "shards").mkdir(parents=True)
    pq.write_table(pa.Table.from_batches([to_batch(records)]), at / "run" / "shards" / "00000.parquet")
    return str(at / "run")


@pytest.mark.parametrize("lay", [folder, tars, parquet, run_folder], ids=lambda lay: lay.__name__)
def test_every_kind_of_source_gives_the_same_tensors_without_conversion(lay: Callable[[Path], str], tmp_path: Path) -> None:
    data = Data(list(open_source(lay(tmp_path))), open_picture, INPUTS)
    assert [data.texts(row) for row in range(COUNT)] == [(f"picture {row}",) for row in range(COUNT)]
    found = data.tensors(Batch(np.array([3, 0]), {"text": ["picture 3", "picture 0"]}))
    assert found["pixel_values"].shape == (2, 3, 8, 8)
    assert found["pixel_values"][0, :, 4, 4].tolist() == pytest.approx([60 / 127.5 - 1, 100 / 127.5 - 1, 200 / 127.5 - 1])
    assert found["pixel_values"][1, 0].unique().tolist() == [-1.0]
    assert found["text_ids"].shape == found["text_mask"].shape == (2, 4)
    assert torch.equal(found["pixel_values"], data.pixels(np.array([3, 0])))


def broken_data(at: Path, broken: set[int]) -> Data:
    folder(at)
    for number in broken:
        (at / f"{number:02d}.png").write_bytes(b"no picture at all")
    return Data(list(open_source(str(at))), open_picture, INPUTS)


def test_a_picture_that_cannot_be_opened_is_replaced_by_the_next_entry_with_all_that_is_its(tmp_path: Path) -> None:
    data = broken_data(tmp_path, {1, 2, 5})
    batch = Batch(
        np.array([0, 1, 2, 3, 5]), {"text": ["picture 0", "picture 1", "picture 2", "picture 3", "picture 5"]}, {"n": np.arange(5)}
    )
    found = data.tensors(batch)
    assert found["rows"].tolist() == [0, 3, 3, 3, 0]
    assert found["n"].tolist() == [0, 3, 3, 3, 0]
    assert torch.equal(found["text_ids"][4], found["text_ids"][0])
    assert torch.equal(found["pixel_values"][1], found["pixel_values"][3])
    with pytest.raises(PictureError, match=r"none of the 2 pictures of a batch can be opened; row '01.png': .* is no picture.*: check the"):
        data.tensors(Batch(np.array([1, 2])))


def test_a_batch_without_one_whole_picture_is_replaced_by_the_one_before_it(tmp_path: Path) -> None:
    data = broken_data(tmp_path, {1, 2})
    before, bad = Batch(np.array([0, 3])), Batch(np.array([1, 2]))
    fed = made(Drawn(Place(0, 2), (bad, before)), data, CPU, "stage")
    assert fed.tensors["rows"].tolist() == [0, 3]
    assert fed.lost == ("01.png", "02.png")
    assert made(Drawn(Place(0, 1), (before,)), data, CPU, "stage").lost == ()


class Pixels(our.Small):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.tanh(self.first(x)))


def mean_of(model: Pixels, tensors: dict[str, torch.Tensor], update: int) -> dict[str, torch.Tensor]:
    return {"mean": model(tensors["pixel_values"].mean((2, 3)).repeat(1, 2)).square().mean()}


def test_training_goes_on_over_broken_pictures_counts_them_and_stops_where_all_are(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    data = broken_data(tmp_path / "some", {1, 7})
    one = Stage("one", mean_of, Random(6), 4)
    for workers in (0, 2):
        out = tmp_path / f"out{workers}"
        train((one,), Pixels(), data, out, settings=Settings(workers=workers, progress=False, log_every=1))
        lost = [line["lost_row"] for line in read_log(out / "train.jsonl") if "lost_row" in line]
        assert sorted(lost) == ["01.png", "01.png", "07.png", "07.png"]  # two episodes
        assert read_about(out)["lost"] == 4
    (tmp_path / "all").mkdir()
    data = broken_data(tmp_path / "all", set(range(COUNT)))
    with pytest.raises(PictureError, match="none of the 6 pictures of a batch can be opened"):
        train((one,), Pixels(), data, tmp_path / "none", settings=Settings(progress=False))


def test_threads_change_nothing_but_the_time(tmp_path: Path) -> None:
    data = broken_data(tmp_path, {4})
    weights = []
    for workers in (0, 1, 3):
        torch.manual_seed(0)
        model = Pixels()
        train(
            (Stage("one", mean_of, Random(4), 9),),
            model,
            data,
            tmp_path / f"out{workers}",
            settings=Settings(workers=workers, progress=False),
        )
        weights.append(model.first.weight.detach().numpy().tobytes())
    assert weights[0] == weights[1] == weights[2]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_order_and_no_more_is_begun_than_said(workers: int) -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            begun.append(number)
            yield number

    def slow(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number * number

    feed = ahead(slow, items(), workers)
    assert [next(feed) for _ in range(5)] == [0, 1, 4, 9, 16]
    assert len(begun) <= 5 + 2 * workers + 1
    assert list(feed) == [n * n for n in range(5, 20)]
    before = threading.active_count()
    feed = ahead(slow, items(), workers)
    next(feed)
    feed.close()
    assert threading.active_count() <= before


def test_an_error_in_a_thread_comes_out_at_its_place() -> None:
    def bad(number: int) -> int:
        if number == 3:
            raise PictureError("three")
        return number

    feed = ahead(bad, iter(range(9)), 2)
    assert [next(feed) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(PictureError, match="three"):
        next(feed)


def test_tokens_from_many_threads_at_once() -> None:
    texts = ["picture 1", "red green blue picture 2"]
    expected = tokens(texts, INPUTS)[0].tolist()
    found = list(ahead(lambda _: tokens(texts, INPUTS)[0].tolist(), iter(range(200)), 4))
    assert found == [expected] * 200


def test_a_jpeg_is_decoded_small_and_looks_the_same(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.linspace(0, 255, 256), np.linspace(0, 255, 256))
    Pillow.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8)).save(tmp_path / "a.jpg", quality=95)
    records: list[Record] = list(open_source(str(tmp_path)))
    found = Data(records, open_picture, Inputs(size=16)).pixels(np.array([0]))[0]
    whole = np.asarray(Pillow.open(tmp_path / "a.jpg").resize((16, 16), Pillow.Resampling.BICUBIC)) / 127.5 - 1
    assert np.abs(found.permute(1, 2, 0).numpy() - whole).max() < 0.03


def test_processes_share_a_batch_evenly_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.train.feed.ranks", lambda: 2)
    data, batch = our.data(), Batch(np.arange(5))
    with pytest.raises(InputError, match="a batch of stage 'stage' has 5 rows: they must be a multiple of the 2 processes"):
        made(Drawn(Place(0, 1), (batch,)), data, CPU, "stage")
    monkeypatch.setattr("diptych.train.feed.rank", lambda: 1)
    assert made(Drawn(Place(0, 1), (Batch(np.arange(6)),)), data, CPU, "stage").tensors["rows"].tolist() == [1, 3, 5]
