from dataclasses import fields

import numpy as np
import pytest

from diptych.data.errors import AddressError
from diptych.models.addresses import parse_address
from diptych.world.latents import Voice, false_score, right_score, stream
from diptych.world.rates import CaptionerRates, DetectorRates, OcrRates, rates_of, voice_of
from diptych.world.schemes import SIMULATED

TABLES = tuple(table for _, table, _ in SIMULATED.values())


@pytest.mark.parametrize("table", TABLES)
def test_every_rate_of_the_table_is_a_probability(table):
    assert all(0 <= getattr(table(), field.name) <= 1 for field in fields(table))


def test_options_override_rates():
    rates = rates_of(parse_address("sim:detector?recall=.7&false_positive=0.2&family=a&seed=1"), DetectorRates)
    assert (rates.recall, rates.false_positive, rates.small) == (0.7, 0.2, DetectorRates().small)


def test_hallucination_sets_the_other_shares_of_falsehood_unless_they_are_given():
    rates = rates_of(parse_address("sim:captioner?hallucination=.3&count_error=0"), CaptionerRates)
    assert (rates.hallucination, rates.attribute_error, rates.relation_error, rates.count_error) == (0.3, 0.3, 0.3, 0.0)


@pytest.mark.parametrize("value", ["1.2", "-.1", "nan", "much", ""])
def test_a_rate_outside_the_unit_interval_is_refused(value):
    with pytest.raises(AddressError, match=r"recall must be a number in \[0, 1\], got .*write recall"):
        rates_of(parse_address(f"sim:captioner?recall={value}"), CaptionerRates)


def test_an_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(AddressError, match=r"no option 'fp'.*false_positive.*seed"):
        rates_of(parse_address("sim:detector?fp=.1"), DetectorRates)


def test_a_seed_must_be_a_whole_number():
    with pytest.raises(AddressError, match="seed must be a whole number, got 'x'"):
        voice_of(parse_address("sim:ocr?seed=x"), OcrRates(), 0)


def test_the_order_of_options_changes_no_draw():
    one, two = (voice_of(parse_address(f"sim:ocr?{query}"), OcrRates(), 0) for query in ("recall=.5&seed=1", "seed=1&recall=.5"))
    assert one == two


def test_longer_streams_begin_with_the_shorter():
    assert stream(9, 0, "a").tolist()[:3] == stream(3, 0, "a").tolist()
    assert stream(3, 0, "a").tolist() != stream(3, 1, "a").tolist()


@pytest.mark.parametrize(("ours", "theirs", "kin"), [("a", "a", True), ("a", "b", False)])
@pytest.mark.parametrize("rate", [0.05, 0.45])
def test_errors_have_the_rate_and_the_correlation_of_the_table(ours, theirs, kin, rate):
    """20,000 facts: the error of the mean is under .004 and of the correlation about .01."""
    rates = CaptionerRates()
    voices = [voice_of(parse_address(f"sim:captioner?family={f}&seed={n}"), rates, 7) for n, f in enumerate((ours, theirs))]
    errors = np.array([[u < rate for k in range(200) for u in voice.draws(100, f"key{k}", "fact")] for voice in voices])
    assert errors.mean(axis=1) == pytest.approx([rate, rate], abs=0.012)
    wanted = rates.family_correlation if kin else rates.correlation
    assert np.corrcoef(errors)[0, 1] == pytest.approx(wanted, abs=0.05)


def test_without_correlation_voices_are_independent_and_with_one_they_agree():
    for correlation in (0.0, 1.0):
        rates = CaptionerRates(correlation=correlation, family_correlation=correlation)
        voices = [voice_of(parse_address(f"sim:captioner?family={f}"), rates, 0) for f in "ab"]
        draws = np.array([[u for k in range(50) for u in voice.draws(100, f"key{k}", "fact")] for voice in voices])
        assert np.corrcoef(draws)[0, 1] == pytest.approx(correlation, abs=0.05)


def test_another_draw_of_one_voice_is_correlated_like_its_family():
    voice = Voice(0, "sim:captioner", "sim:captioner", 0.5**0.5, 0.6**0.5)
    draws = np.array([[u for k in range(100) for u in voice.draws(100, f"key{k}", "fact", draw)] for draw in (0, 1)])
    assert np.corrcoef(draws)[0, 1] == pytest.approx(0.6, abs=0.04)


def test_scores_overlap_as_documented():
    u = np.linspace(0, 1, 10_001)[:-1]
    right, false = np.array([right_score(x) for x in u]), np.array([false_score(x) for x in u])
    assert (right.mean(), (right < 0.5).mean()) == pytest.approx((0.717, 0.128), abs=0.002)
    assert {right_score(x, 0.0) for x in u} == {0.95} and {false_score(x, 0.0) for x in u} == {0.15}
    assert (false.mean(), (false < 0.3).mean(), (false > 0.5).mean()) == pytest.approx((0.35, 0.4375, 0.174), abs=0.002)
