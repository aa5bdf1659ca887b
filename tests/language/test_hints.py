from diptych.data.records import Answer, Caption, Image, Question, Record
from diptych.language.hints import ASKED, agreed, comparison, saying


def test_hints_that_state_the_same_count_as_one_and_those_of_most_paintings_come_first():
    told = [(0, "There is a red ball."), (0, "There is a dog."), (1, "A red ball is there."), (2, "There is a red ball."), (2, "no words")]
    assert saying(told[0][1]) == saying(told[2][1])
    assert agreed(told) == ("There is a red ball.", "There is a dog.", "no words")
    assert agreed(told, 2) == ("There is a red ball.",) and agreed(told, 4) == ()


def test_one_painting_that_says_a_thing_twice_is_one_painting():
    assert agreed([(0, "There is a dog."), (0, "There is a dog.")], 2) == ()


def test_a_hint_that_states_nothing_is_known_by_its_words():
    assert saying("Be more detailed.") == saying("be  more DETAILED.") != saying("Be brief.")


def test_the_last_comparison_of_a_caption():
    def asked(id, about, text=ASKED):
        return Question(id, text, about, (Answer("x", "double:comparer"),))

    record = Record(
        "r", Image("r.png"), (Caption("a", "x"),), questions=(asked("1", "a"), asked("2", "a"), asked("3", "a", "Why?"), asked("4", "b"))
    )
    found = comparison(record, "a")
    assert found is not None and found.id == "2" and comparison(record, "c") is None
