"""The metrics by name: what each gives, which inputs it takes, and where it lives. The command, filters and rewards all read it here."""

from collections.abc import Mapping
from difflib import get_close_matches

from diptych.data.errors import InputError
from diptych.measure.ways import Metric, Way

INPUTS: Mapping[str, str] = {
    "candidates": "one caption an image",
    "captions": "the captions of each image, any number",
    "said": "captions as records hold them, with the statements that they were written from",
    "references": "captions by people",
    "pictures": "the images themselves",
    "objects": "names of the objects in each image",
    "targets": "names of objects that people would imagine in each image",
    "associations": "other words that name an object",
    "phrases": "lists of words by kind for each image",
    "known": "captions of the training set",
    "truths": "a truth that is known",
    "questions": "POPE's questions",
    "answers": "answers to POPE's questions",
    "gold": "questions with their answers",
    "frequencies": "saved document frequencies",
    "word_frequencies": "saved word frequencies",
    "mentions": "a synonym list for the classes of objects",
    "tokenizer": "ptb, ptb_each or none",
    "meteor_data": "METEOR's tables",
    "bag": "images in a bag",
    "embedder": "a model that embeds pictures and texts",
    "matcher": "a model that scores a text against a picture",
    "entailer": "a model that says whether one text follows from another",
    "judge": "an entailer or chat model that judges mentions",
    "answerer": "a model that answers questions about pictures",
    "painter": "a model that paints captions",
    "names": "the addresses of painter and embedder",
}
_SEEN = ("candidates", "pictures")
_RANKED = ("recall_1", "recall_5", "recall_10", "median_rank", "map", "map_at_r")
_KINDS = ("background", "object", "relation")


def _grams(where: str, needs: tuple[str, ...] = ()) -> tuple[Way, ...]:
    """A metric of n-grams over captions tokenised once for all."""
    return (Way(where, needs=needs, prepare="ngrams:prepare", prepare_may=("tokenizer",)),)


def _of_captions(where: str, may: tuple[str, ...] = ()) -> tuple[Way, ...]:
    return (Way(where, ("captions",), may=may),)


CATALOGUE: Mapping[str, Metric] = {
    "bleu": Metric(("bleu_1", "bleu_2", "bleu_3", "bleu_4"), "n-grams, brevity penalty (Papineni 2002)", _grams("bleu:bleu_of")),
    "rouge_l": Metric(("rouge_l",), "longest common subsequence (Lin 2004)", _grams("rouge:rouge_l_of")),
    "cider": Metric(("cider",), "the field's CIDEr, frequencies of this run (Vedantam 2015)", _grams("cider:cider_of"), alone=False),
    "cider_d": Metric(("cider_d",), "the same with saved frequencies, good for one image", _grams("cider:cider_d_of", ("frequencies",))),
    "cider_plain": Metric(("cider_plain",), "the original, neither clipped nor penalised", _grams("cider:cider_plain_of"), alone=False),
    "meteor": Metric(
        ("meteor",), "alignment by word, stem, synonym, paraphrase (Denkowski 2014)",
        (Way("meteor:meteor_of", may=("data=meteor_data",), prepare="ngrams:prepare", prepare_may=("tokenizer",)),),
    ),
    "lexical_match": Metric(
        ("lexical_match",), "near content words, rare ones and beings weighed more; our own",
        (Way("by_name:lexical", may=("frequencies=word_frequencies",)),), alone="word_frequencies",
    ),
    "facts": Metric(
        ("fact_precision", "fact_recall", "fact_f1"), "statements borne out by references or by a known truth, and facts said",
        (Way("fact_scores:reference_fact_scores"), Way("fact_scores:fact_scores", ("said", "truths"))),
    ),
    "scene_graph": Metric(
        ("scene_graph_precision", "scene_graph_recall", "scene_graph_f"), "objects, attributes, relations with binding, after SPICE",
        (Way("scene_graph_score:scene_graph_f"),),
    ),
    "capture": Metric(("capture",), "objects, attributes, relations in three passes, as published (Dong 2024)",
                      (Way("capture:capture", may=("embedder",)),)),
    "capture_repaired": Metric(("capture_repaired",), "CAPTURE with its three traps repaired",
                               (Way("capture:capture", may=("embedder",), fixed=(("repaired", True),)),)),
    "dnli": Metric(
        ("dnli_descriptiveness_precision", "dnli_descriptiveness_recall", "dnli_contradiction_precision", "dnli_recall_published"),
        "statements entailed and contradicted by references, by rules or an entailer (KnowAda)", (Way("dnli:dnli", may=("entailer",)),),
    ),
    "chair": Metric(
        ("chair_i", "chair_s"), "objects that captions mention and the image lacks (Rohrbach 2018)",
        (Way("by_name:chair", ("captions", "objects"), may=("mentions", "references"), check="by_name:objects_are_classes"),),
    ),
    "openchair": Metric(
        ("openchair", "openchair_unsure"), "concrete things that the image's one generating caption lacks (Ben-Kish 2024)",
        (Way("by_name:open_chair", may=("judge",)),),
    ),
    "pope": Metric(
        ("pope_accuracy", "pope_precision", "pope_recall", "pope_f1", "pope_yes"), "yes and no answers about objects (Li 2023)",
        (Way("pope:pope", ("questions", "answers")), Way("by_name:captions_as_answers", ("candidates",), ("questions",), ("mentions",))),
        alone=False,
    ),
    "amber": Metric(
        ("amber_chair", "amber_cover", "amber_hal", "amber_cog"), "hallucination, cover, cognition over your object lists (Wang 2023)",
        (Way("amber:amber", ("candidates", "objects"), may=("targets", "associations")),), alone=False,  # words are those of all lists
    ),
    "clipscore": Metric(
        ("clipscore",), "cosine of picture and caption (Hessel 2021)",
        (Way("clipscore:clipscore", _SEEN, ("model=embedder",)), Way("clipscore:clipscore", _SEEN, ("model=matcher",))),
    ),
    "refclipscore": Metric(
        ("refclipscore",), "CLIPScore and the nearest reference (Hessel 2021)",
        (Way("by_name:reference_clipscore", ("candidates", "references", "pictures"), ("model=embedder",)),),
    ),
    "retrieval": Metric(
        tuple(f"{way}_{what}" for way in ("i2t", "t2i") for what in _RANKED),
        "texts found by pictures and pictures by texts, any number of captions an image",
        (Way("retrieval:retrieval", ("captions", "pictures"), ("model=embedder",), fixed=(("shared", "own"),)),), alone=False,
    ),
    "self_retrieval": Metric(
        ("self_retrieval", "self_retrieval_similarity"), "does a caption find its image among others drawn at random?",
        (Way("by_name:in_bags", _SEEN, ("model=embedder",), ("bag",)), Way("by_name:in_bags", _SEEN, ("model=matcher",), ("bag",))),
        alone=False,
    ),
    "self_retrieval_hard": Metric(
        ("self_retrieval_hard", "self_retrieval_hard_similarity"), "among those that look most alike (TrueMatch, Gaur 2024)",
        (Way("by_name:in_hard_bags", _SEEN, ("model=embedder",), ("bag",)),), alone=False,
    ),
    "regeneration": Metric(
        ("image_score", "image_score_floor", "image_score_ceiling", "image_score_normalised"),
        "the caption painted and compared with the picture, with floor and, of references, ceiling (Huang 2024)",
        (Way("regeneration:regeneration", _SEEN, ("painter", "embedder"), ("truth=references", "names")),), alone=False,
    ),
    "answerability": Metric(
        ("answer_soft", "answer_hard", "answerable", "answer_soft_blind", "answer_hard_blind", "answerable_blind", "answer_gain"),
        "questions answered from the caption alone, and without it (PromptCap, CyclePrompt)",
        (Way("by_name:answers_from_captions", ("candidates", "gold"), may=("judge", "answerer")),),
    ),
    "word_recall": Metric(
        ("word_recall", *(f"word_recall_{kind}" for kind in _KINDS)), "listed background, object, relation words (FineCapEval, Cho 2022)",
        (Way("word_recall:word_recall", ("candidates", "phrases")),),
    ),
    "words_per_caption": Metric(("words_per_caption",), "length", _of_captions("by_name:words_per_caption")),
    "distinct": Metric(("distinct_1", "distinct_2"), "different words and bigrams over all of all captions (Li 2016)",
                       _of_captions("by_name:distinct"), alone=False),
    "vocabulary_size": Metric(("vocabulary_size",), "different words of all captions", _of_captions("by_name:vocabulary"), alone=False),
    "div": Metric(("div_1", "div_2"), "the same within the captions of each image (Shetty 2017)", _of_captions("by_name:div")),
    "mbleu": Metric(("mbleu_4",), "BLEU-4 of an image's captions against each other (Shetty 2017)",
                    _of_captions("diversity:mbleu", may=("tokenizer",))),
    "mattr": Metric(("mattr",), "different words in a moving window (Covington 2010)", (Way("diversity:mattr", ("candidates",)),)),
    "novel_captions": Metric(("novel_captions",), "captions that the training set lacks", (Way("diversity:novel_captions", ("candidates",),
                             ("known",)),)),
    "readability": Metric(
        ("flesch_reading_ease", "flesch_kincaid_grade", "words_per_sentence"), "length of words and sentences (Flesch, Kincaid)",
        (Way("readability:readability", ("candidates",)),),
    ),
}  # fmt: skip


ALIASES: Mapping[str, tuple[str, ...]] = {f"recall@{k}": (f"i2t_recall_{k}", f"t2i_recall_{k}") for k in (1, 5, 10)}


# names that others give, or that ours resemble too little to be found, without underscores
_CALLED: Mapping[str, list[str]] = {
    "spice": ["scene_graph_f"],
    "clips": ["clipscore"],
    "clip": ["clipscore"],
    "clipscore": ["clipscore"],
    "refclipscore": ["refclipscore"],
    "refclips": ["refclipscore"],
    "rouge": ["rouge_l"],
    "rougel": ["rouge_l"],
    "ciderd": ["cider_d"],
    "ciderr": ["cider_plain"],
    "bleu@4": ["bleu_4"],
    **{f"bleu{n}": [f"bleu_{n}"] for n in range(1, 5)},
    **{f"recall{k}": [f"recall@{k}"] for k in (1, 5, 10)},
    **{f"r@{k}": [f"recall@{k}"] for k in (1, 5, 10)},
    "chairi": ["chair_i"],
    "chairs": ["chair_s"],
    "mbleu": ["mbleu_4"],
    "ttr": ["distinct_1", "mattr"],
    "length": ["words_per_caption"],
    "vocabulary": ["vocabulary_size"],
}


def family(name: str) -> tuple[str, Metric, tuple[str, ...]]:
    """The family that a name asks for and which of its results: () for all, by the family's name. InputError names the nearest."""
    if name in CATALOGUE:
        return name, CATALOGUE[name], ()
    results = ALIASES.get(name, (name,))
    for known, metric in CATALOGUE.items():
        if set(results) <= set(metric.gives):
            return known, metric, results
    plain = name.lower().replace("-", "_").replace(" ", "_")
    near = [other for other in names() if other == plain] or _CALLED.get(plain.replace("_", ""), [])
    near = near or get_close_matches(plain, names(), 3, 0.6)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise InputError(f"there is no metric {name!r}: {hint}`diptych measure` lists all")


def names() -> list[str]:
    """Every name that can be asked for: families, their results, and other names of these."""
    given = (name for known, metric in CATALOGUE.items() for name in (known, *metric.gives))
    return list(dict.fromkeys((*given, *ALIASES)))
