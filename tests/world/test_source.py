import pickle
from pathlib import Path

import numpy as np
import pytest

from diptych.data.errors import AddressError, PictureError, SourceError
from diptych.data.records import Image
from diptych.world.noise import LABELS
from diptych.world.sample import held_out_pairs
from diptych.world.source import WorldTruths, world_picture, world_source
from diptych.world.truth_table import read_truth, write_truth

ADDRESS = "world:12?noise=.4&seed=3&size=48"


def test_records_are_the_same_however_they_are_asked_for() -> None:
    world = world_source(ADDRESS)
    records = list(world)
    assert len(records) == len(world) == world.length == 12
    assert [world_source(ADDRESS).record(i) for i in (5, 2)] == [records[5], records[2]]
    # a larger world begins with the smaller one, but for the address of its pictures
    assert [r.captions for r in world_source("world:40?noise=.4&seed=3")][:12] == [r.captions for r in records]


def test_a_record_names_its_picture_and_its_source_caption() -> None:
    record = world_source(ADDRESS).record(7)
    assert record.id == "w3-000007"
    assert (record.subject.path, record.subject.member, record.subject.width, record.subject.height) == (ADDRESS, "7", 48, 48)
    assert record.chosen == ("w3-000007/source",)
    assert (record.captions[0].by, record.captions[0].style, record.captions[0].graph) == ("source", "alt", None)


def test_no_truth_is_in_a_record() -> None:
    world = world_source("world:30?noise=1")
    for record in world:
        assert not record.regions
        assert not record.meta
        assert not record.labels
        assert not any(label in repr(record) for label in LABELS if label not in record.captions[0].text)


def test_pictures_are_rendered_on_demand_under_the_same_key() -> None:
    record = world_source(ADDRESS).record(1)
    picture = world_picture(record.subject)
    assert picture.key == record.subject.key
    assert picture.pil().size == (picture.width, picture.height) == (48, 48)
    again = pickle.loads(pickle.dumps(picture.load))()  # a worker process may open it
    assert (np.asarray(again) == np.asarray(picture.pil())).all()


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (Image(ADDRESS, "99"), "scenes 0 to 11, got 99"),
        (Image(ADDRESS, "x"), "named by its number"),
        (Image(ADDRESS, "1", key="0" * 32), "the world has changed"),
    ],
)
def test_pictures_that_are_not_there(image: Image, said: str) -> None:
    with pytest.raises(PictureError, match=said):
        world_picture(image)


def test_truths_by_key() -> None:
    world, truths = world_source(ADDRESS), WorldTruths(ADDRESS)
    keys = [record.subject.key for record in world]
    assert truths[keys[9]].key == keys[9]
    assert [truths[key].key for key in keys] == keys
    assert truths[keys[4]] == world.truth(4)
    with pytest.raises(KeyError):
        truths["0" * 32]


def test_noise_is_the_share_of_wrong_alt_texts() -> None:
    quiet = world_source("world:200?noise=0&seed=1")
    assert {quiet.alt(i).label for i in range(60)} <= {"exact-short", "underspecified"}
    noisy = world_source("world:200?noise=.4&seed=1")
    wrong = np.mean([noisy.alt(i).label not in {"exact-short", "underspecified"} for i in range(200)])
    assert 0.29 < wrong < 0.51  # 0.4, three standard errors of 0.035


def test_truths_with_labels_are_the_rows_of_the_truth_table(tmp_path: Path) -> None:
    world = world_source(ADDRESS)
    table = read_truth(write_truth(world.truths(), tmp_path))
    assert list(table) == [record.subject.key for record in world]
    assert [label for _, label in table.values()] == [world.alt(i).label for i in range(12)]
    assert len(list(world.truths(limit=5))) == 5


def test_pairs_are_held_out() -> None:
    held = held_out_pairs(0.1, 0)
    seen, unseen = world_source("world:25?pairs=seen"), world_source("world:25?pairs=unseen")
    for i in range(25):
        assert not held & {(t.noun, t.colour) for t in seen.scene(i).things}
        assert held & {(t.noun, t.colour) for t in unseen.scene(i).things}


def test_axes_are_options_of_the_address() -> None:
    world = world_source("world:6?things=2-3&elevation=60&light=night&ground=beach&seed=9")
    for i in range(6):
        scene = world.scene(i)
        assert 2 <= len(scene.things) <= 3
        assert 58 <= scene.camera.elevation <= 62
        assert (scene.light, scene.ground) == ("night", "beach")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("world:0", "N from 1 to"),
        ("world:many", "no world"),
        ("world:5?nosie=.4", "'nosie', which no world has: write .*noise=..."),
        ("world:5?noise=2", r"noise must lie in \[0.0, 1.0\], got '2'"),
        ("world:5?seed=x", "seed must be a whole number"),
        ("world:5?seed=1.5", "got '1.5'"),
        ("world:" + "9" * 5000, "no world"),
        ("world:5?light=disco", "light must be one of day, evening"),
        ("world:5?things=0-3", "things must be a whole number from 1 to 9"),
    ],
)
def test_wrong_addresses_say_what_is_wrong(address: str, said: str) -> None:
    with pytest.raises((SourceError, AddressError), match=said):
        world_source(address)
