"""Safe opening: caps before decoding, every mode to RGB, orientation, truncation, places."""

import io
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow
from PIL import ImageFile, ImageOps

from diptych.data.decoding import Caps
from diptych.data.errors import PictureError
from diptych.data.opening import HELD, crop, filled, open_picture, picture_of, thumbnail
from diptych.data.pictures import Picture
from diptych.data.records import Image
from diptych.data.regions import Box


def noise(width=61, height=47, seed=0):
    coarse = np.random.default_rng(seed).integers(0, 255, (height // 6 + 1, width // 6 + 1, 3), np.uint8)
    return Pillow.fromarray(coarse).resize((width, height), Pillow.Resampling.BICUBIC)


def encoded(image, kind, **options):
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def pixels(data):
    return np.asarray(picture_of(data, "x").pil())


WAYS = {
    "JPEG": {}, "JPEG progressive": {"progressive": True}, "PNG": {}, "GIF": {}, "WEBP": {"lossless": True}, "BMP": {}, "TIFF": {},
    "TIFF lzw": {"compression": "tiff_lzw"}, "PPM": {},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_format_opens_with_its_size_and_key(tmp_path, way):
    data = encoded(noise(), way.split()[0], **WAYS[way])
    (tmp_path / "x").write_bytes(data)
    picture = open_picture(Image("x"), root=tmp_path)
    assert (picture.width, picture.height) == picture.pil().size == (61, 47)
    assert picture.pil().mode == "RGB"
    assert picture.key == open_picture(Image(str(tmp_path / "x"))).key and len(picture.key) == 64
    assert filled(Image("x"), picture) == Image("x", "", 61, 47, picture.key)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_cut_anywhere_is_refused_or_still_the_same_picture(way):
    data = encoded(noise(), way.split()[0], **WAYS[way])
    whole, refused = pixels(data), 0
    cuts = [*range(1, 12), *range(12, len(data), max(1, len(data) // 40))]
    for cut in cuts:
        try:
            assert np.array_equal(pixels(data[:-cut]), whole)
        except PictureError as error:
            refused += 1
            assert "\n" not in str(error)
    slack = {"BMP": 3, "TIFF": 0, "TIFF lzw": len(cuts) // 2}.get(way, 0)  # padding; tags after the pixels
    assert refused >= len(cuts) - slack


def test_a_jpeg_cut_and_closed_with_an_end_marker_is_refused():
    data = encoded(noise(200, 160), "JPEG")
    for part in (0.3, 0.6, 0.9):
        cut = data[: int(len(data) * part)] + b"\xff\xd9"
        Pillow.open(io.BytesIO(cut)).load()  # Pillow says nothing
        with pytest.raises(PictureError, match="truncated"):
            picture_of(cut, "x").pil()


def test_a_whole_jpeg_that_ends_in_grey_is_let_through():
    grey = Pillow.new("RGB", (64, 64), (128, 128, 128))
    assert pixels(encoded(grey, "JPEG")).std() == 0


def test_bytes_after_the_end_do_no_harm():
    for kind in ("JPEG", "PNG", "GIF"):
        data = encoded(noise(), kind)
        assert np.array_equal(pixels(data + b"tail" * 9), pixels(data))


def test_a_damaged_png_checksum_is_refused():
    data = bytearray(encoded(noise(), "PNG"))
    data[data.index(b"IDAT") + 30] ^= 1
    with pytest.raises(PictureError, match="checksum of b'IDAT'"):
        picture_of(bytes(data), "x.png")


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied(kind, turn):
    exif = Pillow.Exif()
    exif[0x0112] = turn
    data = encoded(noise(), kind, exif=exif)
    picture = picture_of(data, "x")
    assert picture.pil().size == (picture.width, picture.height) == ((47, 61) if turn >= 5 else (61, 47))
    expected = ImageOps.exif_transpose(Pillow.open(io.BytesIO(data)))
    assert np.array_equal(np.asarray(picture.pil()), np.asarray(expected.convert("RGB")))
    assert thumbnail(picture, 24).size == ((18, 24) if turn >= 5 else (24, 18))


def test_every_mode_becomes_rgb():
    photo = noise()
    for mode, kind in [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("YCbCr", "JPEG"),
                       ("LAB", "TIFF"), ("CMYK", "TIFF"), ("F", "TIFF"), ("I;16", "TIFF"), ("I;16", "PNG"), ("I", "TIFF")]:  # fmt: skip
        made = Pillow.fromarray(np.asarray(photo.convert("L"), np.uint16) * 257) if mode == "I;16" else photo.convert(mode)
        found = pixels(encoded(made, kind)).astype(int)
        assert found.shape == (47, 61, 3)
        if mode != "1":
            wanted = photo if mode in ("P", "RGBA", "CMYK", "YCbCr", "LAB") else photo.convert("L").convert("RGB")
            assert np.abs(found - np.asarray(wanted)).mean() < 20, mode


def test_transparency_goes_on_white():
    clear = Pillow.new("RGBA", (4, 4), (255, 0, 0, 0))
    half = Pillow.new("RGBA", (4, 4), (255, 0, 0, 51))
    assert pixels(encoded(clear, "PNG")).min() == 255
    assert pixels(encoded(half, "PNG"))[0, 0].tolist() == [255, 204, 204]
    keyed = Pillow.new("P", (4, 4), 0)
    keyed.putpalette([255, 0, 0])
    assert pixels(encoded(keyed, "GIF", transparency=0)).min() == 255
    assert pixels(encoded(keyed, "PNG", transparency=b"\x00")).min() == 255


def test_16_bit_grey_is_scaled_and_not_clipped():
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    assert pixels(encoded(Pillow.fromarray(ramp), "PNG"))[..., 0].ravel().tolist() == [round(v / 257) for v in ramp.ravel().tolist()]


def test_floating_grey_in_its_usual_ranges():
    for top in (1.0, 255.0, 9000.0):
        ramp = np.linspace(0, top, 64, dtype=np.float32).reshape(8, 8)
        assert pixels(encoded(Pillow.fromarray(ramp), "TIFF"))[-1, -1].tolist() == [255, 255, 255]
    holes = np.full((4, 4), np.nan, np.float32)
    assert pixels(encoded(Pillow.fromarray(holes), "TIFF")).max() == 0


def frames(count, kind, **options):
    first, *rest = [noise(20, 20, seed=i) for i in range(count)]
    return encoded(first, kind, save_all=True, append_images=rest, **options)


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})])
def test_animations_give_their_first_frame_within_the_cap(kind, options):
    data = frames(5, kind, **options)
    assert np.abs(pixels(data).astype(int) - np.asarray(noise(20, 20, seed=0))).mean() < 20
    assert picture_of(data, "x", caps=Caps(frames=5)).width == 20
    with pytest.raises(PictureError, match="more than 4 frames"):
        picture_of(data, "x", caps=Caps(frames=4))


def test_a_bomb_is_refused_before_it_is_decoded():
    def chunk(name, body):
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = (60_000).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
    with pytest.raises(PictureError):
        picture_of(bomb, "bomb.png")
    with pytest.raises(PictureError, match="61 x 47 pixels: at most 100"):
        picture_of(encoded(noise(), "PNG"), "x", caps=Caps(pixels=100))


@pytest.mark.parametrize("way", WAYS)
def test_opening_decodes_nothing(way, monkeypatch):
    def refuse(self, *_):
        raise AssertionError("decoded")

    exif = Pillow.Exif()
    exif[0x0112] = 6
    data = encoded(noise(), way.split()[0], **WAYS[way], **({} if way in ("GIF", "BMP", "PPM") else {"exif": exif}))
    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    assert picture_of(data, "x").width in (61, 47)


def test_damaged_tags_and_profiles_do_no_harm():
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        options = {} if kind == "TIFF" else {"exif": b"Exif\x00\x00II*\x00\xff\xff\xff\x7f" + b"\xff" * 40}
        data = encoded(noise(), kind, icc_profile=b"no profile" * 9, **options)
        assert picture_of(data, "x").pil().size == (61, 47)


def test_junk_never_raises_anything_else():
    rng = np.random.default_rng(0)
    for way, options in WAYS.items():
        data = encoded(noise(), way.split()[0], **options)
        for _ in range(40):
            junk = bytearray(data)
            for at in rng.integers(0, min(len(junk), 400), 4):
                junk[at] = rng.integers(256)
            try:
                assert picture_of(bytes(junk), "x").pil().mode == "RGB"
            except PictureError as error:
                assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("image", "rule"),
    [
        (Image("nowhere.jpg"), "missing"),
        (Image(""), "names no picture"),
        (Image("a\x00b"), "names no picture"),
        (Image("."), "no file"),
        (Image("/dev/zero"), "no file"),
        (Image("empty.jpg"), "is empty"),
        (Image("text.jpg"), "is no picture"),
        (Image("pickle.png"), "is no picture"),
        (Image("big.jpg"), "more than 1000 bytes"),
        (Image("file:///etc/passwd"), "missing"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(tmp_path, image, rule):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture" * 9)
    (tmp_path / "pickle.png").write_bytes(b"\x80\x04cos\nsystem\n(S'echo'\ntR.")
    (tmp_path / "big.jpg").write_bytes(bytes(1001))
    with pytest.raises(PictureError, match=rule) as caught:
        open_picture(image, root=tmp_path, caps=Caps(bytes=1000))
    assert "\n" not in str(caught.value)


def test_a_picture_that_changed_is_refused(tmp_path):
    (tmp_path / "x.png").write_bytes(encoded(noise(), "PNG"))
    seen = filled(Image("x.png"), open_picture(Image("x.png"), root=tmp_path))
    assert open_picture(seen, root=tmp_path).key == seen.key
    (tmp_path / "x.png").write_bytes(encoded(noise(seed=1), "PNG"))
    with pytest.raises(PictureError, match="has changed"):
        open_picture(seen, root=tmp_path)


@pytest.mark.parametrize("tarred", [False, True])
def test_large_files_are_not_held_and_must_stay_the_same(tmp_path, tarred):
    data = encoded(noise(600, 400), "BMP")
    assert len(data) > HELD
    (tmp_path / "x.bmp").write_bytes(data)
    image = Image(str(tmp_path / "x.bmp"))
    if tarred:
        with tarfile.open(tmp_path / "x.tar", "w") as tar:
            tar.add(tmp_path / "x.bmp", "x.bmp")
        image = Image(str(tmp_path / "x.tar"), "x.bmp")
    picture = open_picture(image)
    assert not isinstance(picture.load.held, bytes) and picture.load.data == data
    assert picture.pil().tobytes() == picture_of(data, "x").pil().tobytes() and thumbnail(picture, 60).size == (60, 40)
    file = Path(image.path)
    changed = file.read_bytes().replace(data[1000:1100], bytes(100))
    file.write_bytes(changed)
    with pytest.raises(PictureError, match="has changed since it was read"):
        picture.pil()
    file.unlink()
    if not tarred:
        with pytest.raises(PictureError, match="is missing"):
            picture.pil()


def test_small_files_are_read_once(tmp_path):
    (tmp_path / "x").write_bytes(encoded(noise(), "PNG"))
    picture = open_picture(Image("x"), root=tmp_path)
    (tmp_path / "x").unlink()
    assert picture.pil().size == (61, 47)


def test_tar_members_open_by_name(tmp_path):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as tar:
        for name, seed in [("a.png", 0), ("../../b.png", 1), ("a.png", 2)]:
            data = encoded(noise(seed=seed), "PNG")
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    for name, seed in [("a.png", 0), ("../../b.png", 1), ("a.png#1", 2)]:
        assert np.array_equal(np.asarray(open_picture(Image(str(path), name)).pil()), np.asarray(noise(seed=seed)))
    with pytest.raises(PictureError, match="no such member"):
        open_picture(Image(str(path), "c.png"))
    with pytest.raises(PictureError, match="more than 100 bytes"):
        open_picture(Image(str(path), "a.png"), caps=Caps(bytes=100))


def test_parquet_cells_open_by_column_and_row(tmp_path):
    cells = [encoded(noise(20, 20, seed=i), "PNG") for i in range(40)]
    table = pa.table({"image": [{"bytes": c, "path": None} for c in cells], "raw": cells, "n": list(range(40))})
    path = str(tmp_path / "x.parquet")
    pq.write_table(table, path, row_group_size=7)
    for row in (0, 1, 30, 29, 39, 5):
        for column in ("image", "raw"):
            found = np.asarray(open_picture(Image(path, f"{column}:{row}")).pil())
            assert np.array_equal(found, np.asarray(noise(20, 20, seed=row)))
    for member, rule in [
        ("raw:40", "no row 40"),
        ("gone:1", "gone"),
        ("n:1", "holds no bytes"),
        ("raw", "names no cell"),
        ("raw:-1", "no cell"),
    ]:
        with pytest.raises(PictureError, match=rule):
            open_picture(Image(path, member))
    with pytest.raises(PictureError, match="at most 10"):
        open_picture(Image(path, "raw:1"), caps=Caps(bytes=10))


def test_schemes_open_what_they_know():
    made = Picture("k", 2, 2, lambda: Pillow.new("RGB", (2, 2)))
    assert open_picture(Image("world:3?seed=0", "1"), schemes={"world": lambda image: made}) is made


def test_a_crop_has_its_own_key_its_parent_and_its_pixels():
    picture = picture_of(encoded(noise(), "PNG"), "x")
    part = crop(picture, Box(0.25, 0.5, 0.75, 1.0))
    assert part.parent is picture and part.box == Box(0.25, 0.5, 0.75, 1.0)
    assert part.pil().size == (part.width, part.height) == (31, 24)
    assert np.array_equal(np.asarray(part.pil()), np.asarray(noise())[23:47, 15:46])
    assert len({picture.key, part.key, crop(picture, Box(0, 0, 0.5, 0.5)).key}) == 3
    assert crop(part, Box(0, 0, 1, 1)).pil().size == part.pil().size
    assert crop(picture, Box(0.5, 0.5, 0.5001, 0.5001)).pil().size == (1, 1)
    for wrong in (Box(0.5, 0, 0.5, 1), Box(float("nan"), 0, 1, 1), Box(1.2, 0, 1.4, 1)):
        with pytest.raises(PictureError, match="cut out"):
            crop(picture, wrong)


def test_thumbnails_are_small_and_close():
    photo = noise(80, 60).resize((800, 600), Pillow.Resampling.BICUBIC)
    picture = picture_of(encoded(photo, "JPEG", quality=95), "x")
    small = thumbnail(picture, 100)
    assert small.size == (100, 75)
    exact = photo.resize((100, 75), Pillow.Resampling.LANCZOS)
    assert np.abs(np.asarray(small, int) - np.asarray(exact, int)).mean() < 3
    assert thumbnail(picture, 2000).size == (800, 600)
