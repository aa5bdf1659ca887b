import itertools
import math

import pytest
import torch
from tests.models.decoding_doubles import Chain, chain

from diptych.data.errors import InputError
from diptych.models.decoding import Decoded, Settings, decode, decode_many, reranked
from diptych.models.decoding_guidance import Guided, Prior, Product, guided, plausible
from diptych.models.decoding_limits import Automaton, Constrained, OfLength, Permitted
from diptych.models.decoding_steps import Noise, nucleus

END = 2


def texts(words: int, most: int) -> list[tuple[int, ...]]:
    """Every text of at most `most` words that ends at its first END, or is cut off."""
    rest = [word for word in range(words) if word != END]
    ended = [(*said, END) for n in range(most) for said in itertools.product(rest, repeat=n)]
    return ended + list(itertools.product(rest, repeat=most))


def log_probability(scorer: Chain, row: int, text: tuple[int, ...]) -> float:
    before = (int(scorer.begin[row]), *text[:-1])
    return sum(scorer.table_VV[a, b].item() for a, b in zip(before, text, strict=True))


def test_greedy_follows_the_likeliest_word_and_sums_its_log_probabilities() -> None:
    # begin 1 -> 3 (.6) -> 4 (.5) -> end (.9)
    table = torch.full((5, 5), 1e-9)
    table[1] = torch.tensor([0.1, 0.1, 0.1, 0.6, 0.1])
    table[3] = torch.tensor([0.2, 0.1, 0.1, 0.1, 0.5])
    table[4] = torch.tensor([0.025, 0.025, 0.9, 0.025, 0.025])
    (found,) = decode(Chain(table.log(), [1]))
    assert found.ids == (3, 4)
    assert found.ended
    assert found.log_probability == pytest.approx(math.log(0.6 * 0.5 * 0.9), abs=1e-5)


def test_a_text_is_cut_at_its_most_words() -> None:
    table = torch.full((4, 4), 0.1)
    table[:, 3] = 0.7
    (found,) = decode(Chain(table.log(), [1]), Settings(most=5))
    assert found.ids == (3,) * 5
    assert not found.ended


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_beams_wide_enough_find_the_best_of_all_texts(seed: int, penalty: float) -> None:
    words, most = 4, 4
    scorer = chain(seed, words, begin=(1, 0, 3))
    for row, found in enumerate(decode_many(scorer, Settings("beam", most=most, beams=200, penalty=penalty, draws=3))):
        scored = sorted(((log_probability(scorer, row, one) / len(one) ** penalty, one) for one in texts(words, most)), reverse=True)
        # with 200 beams nothing is pruned, so the best of all texts come out in order
        assert [tuple(word for word in one if word != END) for _, one in scored[:3]] == [one.ids for one in found]
        assert [score for score, _ in scored[:3]] == pytest.approx([one.score for one in found], abs=1e-4)


def test_one_beam_is_greedy() -> None:
    for seed in range(5):
        scorer = chain(seed, 6, begin=(1, 3, 4))
        assert [f.ids for f in decode(scorer, Settings("beam", beams=1, most=9))] == [f.ids for f in decode(scorer, Settings(most=9))]


def test_the_nucleus_is_the_fewest_words_that_hold_the_share() -> None:
    log = torch.tensor([[0.15, 0.5, 0.05, 0.3]]).log()
    assert torch.isfinite(nucleus(log, 0.5)).tolist() == [[False, True, False, False]]
    assert torch.isfinite(nucleus(log, 0.51)).tolist() == [[False, True, False, True]]
    assert torch.isfinite(nucleus(log, 0.94)).tolist() == [[True, True, False, True]]
    assert torch.isfinite(nucleus(log, 1.0)).all()


def test_draws_follow_the_distribution() -> None:
    table = torch.tensor([[0.0] * 4, [0.5, 0.2, 0.2, 0.1], [0.0] * 4, [0.0] * 4]) + 1e-9
    found = decode_many(Chain(table.log(), [1]), Settings("sample", most=1, draws=4000), keys=["a"])[0]
    shares = [sum(one.ids == (word,) for one in found) / 4000 for word in (0, 1, 3)]
    # three standard errors of a share of 4,000 draws are at most .024
    assert shares == pytest.approx([0.5, 0.2, 0.1], abs=0.024)
    cold = decode_many(Chain(table.log(), [1]), Settings("sample", most=1, draws=4000, temperature=0.5), keys=["a"])[0]
    assert sum(one.ids == (0,) for one in cold) / 4000 == pytest.approx(0.25 / 0.34, abs=0.024)


def test_draws_hang_on_the_rows_key_and_not_on_its_neighbours() -> None:
    scorer = chain(0, 8, begin=(1, 1, 1))
    ways = Settings("sample", most=10, draws=2)
    together = decode_many(scorer, ways, keys=["a", "b", "c"])
    alone = decode_many(chain(0, 8), ways, keys=["b"])
    assert [one.ids for one in together[1]] == [one.ids for one in alone[0]]
    assert together[0][0].ids != together[1][0].ids or together[0][1].ids != together[1][1].ids
    fewer = decode(chain(0, 8), Settings("sample", most=10), keys=["b"])
    assert fewer[0].ids == alone[0][0].ids


def test_noise_is_standard_gumbel() -> None:
    drawn = Noise(0, [("a", 0)]).draw([0], 20_000)
    assert drawn.mean().item() == pytest.approx(0.5772, abs=0.03)
    assert drawn.var().item() == pytest.approx(math.pi**2 / 6, abs=0.08)


def test_guidance_by_hand() -> None:
    given, free = torch.tensor([[0.6, 0.3, 0.1]]).log(), torch.tensor([[0.5, 0.1, 0.4]]).log()
    # gamma 2: p(y|x)^2 / p(y) = .72, .9, .025
    assert guided(given, free, 2.0).exp().tolist()[0] == pytest.approx([0.72 / 1.645, 0.9 / 1.645, 0.025 / 1.645], abs=1e-5)
    assert guided(given, free, 1.0).exp().tolist()[0] == pytest.approx([0.6, 0.3, 0.1], abs=1e-6)
    # only words with at least .6 of the likeliest's .6 stay
    assert guided(given, free, 2.0, 0.6).exp().tolist()[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)
    assert torch.isfinite(plausible(given, given, 0.5)).tolist() == [[True, True, False]]


def test_guided_scorers_agree_with_guided_tables() -> None:
    given, free = chain(1, 6), chain(2, 6)
    table = guided(given.table_VV, free.table_VV, 2.0, 0.1)
    for ways in (Settings(most=8), Settings("beam", most=8)):
        assert decode(Guided(given, free, 2.0, 0.1), ways) == decode(Chain(table, [1]), ways)
    prior = chain(3, 6)
    table = (0.7 * prior.table_VV + 1.5 * (given.table_VV - free.table_VV)).log_softmax(-1)
    assert decode(Prior(prior, given, free, 0.7, 1.5))[0].ids == decode(Chain(table, [1]))[0].ids
    table = (0.7 * prior.table_VV + 0.3 * given.table_VV).log_softmax(-1)
    assert decode(Product((prior, given), (0.7, 0.3)))[0].ids == decode(Chain(table, [1]))[0].ids


@pytest.mark.parametrize("ways", [Settings(most=9), Settings("beam", most=9, draws=3), Settings("sample", most=9, draws=3)])
def test_an_automaton_is_never_left(ways: Settings) -> None:
    allowed = [(3, 4), (3, 5, 3), (0,)]
    machine = Automaton.phrases(6, allowed, END)
    for seed in range(5):
        found = decode_many(Constrained(chain(seed, 6, (1, 4)), machine), ways, keys=["a", "b"])
        assert {one.ids for row in found for one in row} <= set(allowed)
        assert all(one.ended for row in found for one in row)
        if ways.method == "beam":
            assert all({one.ids for one in row} == set(allowed) for row in found)  # three texts there are, and three beams come out


def test_a_machine_with_a_loop() -> None:
    # 3 any number of times, then 4, then the end
    machine = Automaton.of(6, [(0, [3], 0), (0, [4], 1), (1, [END], 2)])
    for seed in range(5):
        (found,) = decode(Constrained(chain(seed, 6), machine), Settings("sample", most=50), keys=[seed])
        assert found.ids[-1] == 4
        assert set(found.ids[:-1]) <= {3}


def test_a_function_may_say_what_is_allowed() -> None:
    def allowed(row: int, said: tuple[int, ...]) -> list[int]:
        return [3 + row] if len(said) < 2 else [END]

    for ways in (Settings(), Settings("beam", beams=2)):
        assert [one.ids for one in decode(Permitted(chain(0, 6, (1, 1)), allowed), ways)] == [(3, 3), (4, 4)]


@pytest.mark.parametrize("ways", [Settings(), Settings("beam"), Settings("sample", draws=2)])
def test_lengths_are_kept(ways: Settings) -> None:
    least, most = torch.tensor([2, 5, 0]), torch.tensor([2, 7, 1])
    for seed in range(4):
        found = decode_many(OfLength(chain(seed, 5, (1, 1, 1)), least, most), ways, keys=["a", "b", "c"])
        for row, of_row in enumerate(found):
            assert all(least[row] <= len(one.ids) <= most[row] and one.ended for one in of_row)


def test_rerank_takes_the_highest_and_keeps_the_earlier_on_ties() -> None:
    found = decode_many(chain(0, 6, (1, 3)), Settings("beam", draws=4))
    assert reranked(found, lambda row, one: one.log_probability) == [max(of, key=lambda one: one.log_probability) for of in found]
    assert reranked(found, lambda row, one: 0.0) == [of[0] for of in found]

    def last(row: int, one: Decoded) -> float:
        return found[row].index(one)

    assert reranked(found, last) == [of[-1] for of in found]


def test_mistakes_name_the_value_the_rule_and_the_remedy() -> None:
    with pytest.raises(InputError, match=r"temperature must be over 0.*greedy.*got 0"):
        Settings("sample", temperature=0)
    with pytest.raises(InputError, match="5 texts cannot come of 4 beams"):
        Settings("beam", draws=5)
    with pytest.raises(InputError, match=r"one text a row.*draws=2"):
        Settings(draws=2)
    with pytest.raises(InputError, match="keys"):
        decode(chain(0), Settings("sample"))
    with pytest.raises(InputError, match="plausible must lie in"):
        Guided(chain(0), chain(1), plausible=1.5)
    with pytest.raises(InputError, match="least length"):
        OfLength(chain(0), torch.tensor([3]), torch.tensor([2]))
