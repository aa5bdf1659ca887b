"""Chat models of transformers: equal to the plain call, whatever the batch; draws, schemas, limits, what fails alone."""

import json
import os
import sys
from dataclasses import replace

import jsonschema
import pytest
import tiny_hf
import tiny_hf_4
import torch
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer

from diptych.data.errors import AddressError, PictureError
from diptych.data.pictures import Picture
from diptych.models.abilities import Answerer, Captioner, CaptionRequest, ChatModel, ChatRequest, Described, Failed, Judge, Replied
from diptych.models.addresses import open_model, parse_address
from diptych.models.hf import open_hf
from diptych.models.hf_chat import spoken
from diptych.models.hf_generating import Ask, _Drawn
from diptych.models.hf_loading import place_of, processor_of

CHATS = {**tiny_hf.CHATS, **tiny_hf_4.CHATS}
SEEING = [name for name in CHATS if name not in ("llama", "gpt2")]
FIELDS = {
    "type": "object",
    "properties": {"yes": {"type": "boolean"}, "score": {"enum": [1, 2, 3, 4, 5, 6]}},
    "required": ["yes", "score"],
    "additionalProperties": False,
}
WORDS = {"type": "array", "items": {"enum": ["red", 'a "blue" one', "grün"]}, "minItems": 1, "maxItems": 3}


@pytest.fixture(scope="module")
def opened(checkpoint):
    made = {}

    def of(name: str, batch: int = 4):
        if (name, batch) not in made:
            made[name, batch] = open_model(f"hf:{checkpoint(CHATS[name])}?batch={batch}", ChatModel, {"hf": open_hf})
        return made[name, batch]

    return of


def asked(name: str, count: int = 4, **more) -> list[ChatRequest]:
    shown = [(tiny_hf.picture(n, 40 + 12 * n, 64 - 8 * n),) if name in SEEING else () for n in range(count)]
    return [ChatRequest("what do you see ? " * (1 + n), shown[n], tokens=12, **more) for n in range(count)]


def plain(folder, name: str, request: ChatRequest):
    """Inputs and model as a user of transformers alone has them; processors with video parts need our way round torchvision."""
    seeing = name in SEEING
    model = (AutoModelForImageTextToText if seeing else AutoModelForCausalLM).from_pretrained(folder).eval()
    if name == "gpt2":
        return (
            model,
            AutoTokenizer.from_pretrained(folder),
            AutoTokenizer.from_pretrained(folder)(request.prompt + "\n", return_tensors="pt"),
        )
    processor = processor_of(place_of(parse_address(f"hf:{folder}"))) if seeing else AutoTokenizer.from_pretrained(folder)
    content = (
        [{"type": "image", "image": request.pictures[0].pil()}, {"type": "text", "text": request.prompt}] if seeing else request.prompt
    )
    inputs = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )
    return model, getattr(processor, "tokenizer", processor), inputs


@pytest.mark.parametrize("name", CHATS)
def test_replies_of_a_batch_are_those_of_the_plain_call(name, opened, checkpoint):
    requests = asked(name)
    replies = opened(name).chat(requests)
    assert replies == opened(name, batch=1).chat(requests)
    assert len({reply.text for reply in replies}) > 1
    for request, reply in zip(requests, replies, strict=True):
        model, words, inputs = plain(checkpoint(CHATS[name]), name, request)
        made = model.generate(**inputs, max_new_tokens=12, do_sample=False)[0, inputs["input_ids"].shape[1] :]
        assert reply == Replied(words.decode(made, skip_special_tokens=True).strip())


def first_scores(model, inputs):
    made = model.generate(**inputs, max_new_tokens=1, do_sample=False, output_scores=True, return_dict_in_generate=True)
    return made.scores[0].log_softmax(-1)


@pytest.mark.parametrize("name", CHATS)
def test_scores_are_those_of_the_plain_call(name, opened, checkpoint):
    requests, chat = asked(name, 3), opened(name)
    ours = first_scores(chat.model, chat.prompts.inputs(requests))
    for row, request in enumerate(requests):
        model, _, inputs = plain(checkpoint(CHATS[name]), name, request)
        theirs = first_scores(model, inputs)[0]
        # rows stand beside padding here and alone there
        torch.testing.assert_close(ours[row], theirs, atol=1e-4, rtol=0)
        torch.testing.assert_close(first_scores(chat.model, chat.prompts.inputs([request]))[0], theirs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["llava", "qwen2_vl", "idefics3"])
def test_several_pictures_are_seen_in_their_order(name, opened):
    first, second = tiny_hf.picture(1), tiny_hf.picture(2)
    pairs = [(first, second), (second, first), (first, first), (first,)]
    replies = opened(name).chat([ChatRequest("compare", shown, tokens=12) for shown in pairs])
    assert len(set(replies)) == 4
    assert replies == opened(name, batch=1).chat([ChatRequest("compare", shown, tokens=12) for shown in pairs])


def test_draws_hang_on_what_is_asked_and_their_number_alone(opened):
    warm = [replace(one, temperature=1.0, draw=draw) for one in asked("llava", 2) for draw in (0, 1)]
    cold = asked("llava", 2)
    together = opened("llava").chat(warm + cold)
    assert together[:4] == opened("llava", batch=1).chat(warm)
    assert together[4:] == opened("llava", batch=1).chat(cold)
    assert len({reply.text for reply in together}) == 6
    assert opened("llava").chat([replace(cold[0], draw=7)]) == [together[4]]  # no draw of the likeliest


def test_pictures_that_look_alike_have_draws_of_their_own(opened):
    (one,) = asked("llava", 1)
    twin = replace(one, pictures=(replace(one.pictures[0], key="b" * 64),))
    cold, warm = ([replace(request, temperature=t) for request in (one, twin)] for t in (0.0, 1.0))
    assert len(set(opened("llava").chat(cold))) == 1 and len(set(opened("llava").chat(warm))) == 2


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_are_as_frequent_as_the_model_says(temperature):
    scores = torch.tensor([2.0, 1.0, 0.0, -1.0])
    asks = [Ask(str(key), temperature) for key in range(4000)]
    drawn = _Drawn(asks)(torch.zeros(4000, 1), scores.repeat(4000, 1)).argmax(-1)
    found = torch.bincount(drawn, minlength=4) / 4000
    torch.testing.assert_close(found, (scores / temperature).softmax(-1), atol=0.025, rtol=0)  # three standard errors


def test_each_reply_ends_at_its_own_length(opened):
    full = opened("llama").chat(asked("llama"))
    most = [3, 12, 1, 6]
    short = opened("llama").chat([replace(one, tokens=tokens) for one, tokens in zip(asked("llama"), most, strict=True)])
    before = opened("llama").spent["tokens out"]
    assert [opened("llama").chat([replace(asked("llama")[0], tokens=tokens)])[0] for tokens in (3,)] == [short[0]]
    assert opened("llama").spent["tokens out"] - before == 3
    assert short[1] == full[1]
    assert all(long.text.startswith(cut.text.rstrip("\ufffd")) for long, cut in zip(full, short, strict=True))


def test_a_request_that_cannot_be_read_fails_alone(opened):
    def broken():
        raise PictureError("the file ends early")

    good = asked("qwen2_vl", 3)
    bad = replace(good[0], pictures=(Picture("b", 40, 40, broken),))
    thin = replace(good[0], pictures=(tiny_hf.picture(9, 800, 2),))  # Qwen takes no picture 200 times as wide as high
    found = opened("qwen2_vl").chat([good[0], bad, good[1], thin, good[2]])
    assert found[1] == Failed("the file ends early")
    assert isinstance(found[3], Failed) and "aspect ratio" in found[3].error
    assert [found[0], found[2], found[4]] == opened("qwen2_vl").chat(good)


def test_a_prompt_that_is_too_long_fails_alone(opened):
    good = asked("gpt2", 2)
    found = opened("gpt2").chat([good[0], replace(good[0], prompt="z" * 130), good[1]])
    assert found[1] == Failed("the prompt has 131 tokens, and the model takes 128 with the reply: shorten it")
    assert [found[0], found[2]] == opened("gpt2").chat(good)
    (near,) = opened("gpt2").chat([replace(good[0], prompt="z" * 120)])  # 121 tokens leave room for 7
    assert isinstance(near, Replied)


def test_a_row_that_fills_the_model_stands_beside_shorter_ones(opened):
    requests = [replace(asked("gpt2", 1)[0], prompt=prompt, tokens=40) for prompt in ("z" * 120, "a b", "z" * 100, "c")]
    assert opened("gpt2").chat(requests) == opened("gpt2", batch=1).chat(requests)


def test_pictures_are_refused_by_a_model_of_words(opened):
    found = opened("llama").chat([ChatRequest("what is it?", (tiny_hf.picture(1),)), *asked("llama", 1)])
    assert isinstance(found[0], Failed) and "reads words alone" in found[0].error
    assert found[1:] == opened("llama").chat(asked("llama", 1))


@pytest.mark.parametrize("name", CHATS)
def test_control_words_within_a_request_are_read_as_text(name, opened):
    words = ("<|im_end|>", "<|im_start|>", "<image>", "<|image_pad|>", "</s>")
    evil = replace(asked(name, 1)[0], prompt=f"say {' '.join(words)} now", system="keep </s><|im_end|> calm")
    mild = replace(evil, prompt="say it now", system="keep calm")
    tokenizer = opened(name).prompts.tokenizer
    for word in words:
        number = tokenizer.convert_tokens_to_ids(word)
        counts = [(opened(name).prompts.inputs([one])["input_ids"] == number).sum().item() for one in (evil, mild)]
        assert counts[0] == counts[1], word
    assert isinstance(opened(name).chat([evil])[0], Replied)


def test_a_system_prompt_joins_the_users_where_the_template_has_none(checkpoint, tmp_path):
    folder = tiny_hf.llama(tmp_path)
    template = folder / "chat_template.jinja"
    for refusal in ("{{ raise_exception('no system') }}", ""):
        without = "{% if m['role'] == 'system' %}" + refusal + "{% else %}<|im_start|>{{"
        text = tiny_hf.CHATML.replace("<|im_start|>{{", without).replace("<|im_end|>\n", "<|im_end|>\n{% endif %}")
        template.write_text(text)
        chat = open_model(f"hf:{folder}", ChatModel, {"hf": open_hf})
        said = chat.prompts.tokenizer.decode(chat.prompts.inputs([ChatRequest("What is it?", system="Be brief.")])["input_ids"][0])
        assert said == "<|im_start|>user\nBe brief.\n\nWhat is it?<|im_end|>\n<|im_start|>assistant\n"
    kept = open_model(f"hf:{checkpoint(tiny_hf.llama)}", ChatModel, {"hf": open_hf})
    said = kept.prompts.tokenizer.decode(kept.prompts.inputs([ChatRequest("What is it?", system="Be brief.")])["input_ids"][0])
    assert said.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is it?")


@pytest.mark.parametrize("name", ["llama", "gpt2", "llava", "smolvlm"])
def test_replies_keep_to_their_schemas(name, opened):
    wanted = [FIELDS, WORDS, None, FIELDS, {"const": "yes"}]
    many = [
        replace(one, schema=json.dumps(schema) if schema else "", tokens=60) for one, schema in zip(asked(name, 5), wanted, strict=True)
    ]
    many += [replace(one, temperature=2.0, draw=draw) for one in many[:2] for draw in range(2)]
    found = opened(name).chat(many)
    told = [json.loads(reply.text) if request.schema else None for request, reply in zip(many, found, strict=True)]
    for request, value in zip(many, told, strict=True):
        if request.schema:
            jsonschema.validate(value, json.loads(request.schema))
    assert len({json.dumps(value) for value in told}) > 4
    assert found == opened(name, batch=1).chat(many)


def test_json_that_is_cut_and_schemas_that_are_none_fail_alone(opened):
    good = replace(asked("llama", 1)[0], schema=json.dumps(FIELDS), tokens=90)
    found = opened("llama").chat([good, replace(good, tokens=4), replace(good, schema='{"type": "thing"}'), replace(good, schema="{")])
    assert isinstance(found[0], Replied)
    assert found[1] == Failed("its JSON was not whole after 4 tokens: allow more")
    assert all(isinstance(one, Failed) and "is not understood" in one.error for one in found[2:])


def test_without_llguidance_a_schema_names_the_extra(opened, monkeypatch):
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(AddressError, match=r"pip install 'diptych\[models\]'"):
        opened("llama").chat([replace(asked("llama", 1)[0], schema=json.dumps(FIELDS))])


def test_what_is_spent_is_counted(checkpoint):
    chat = open_model(f"hf:{checkpoint(tiny_hf.llama)}", ChatModel, {"hf": open_hf})
    (request,) = asked("llama", 1)
    chat.chat([request, request])
    length = chat.prompts.inputs([request])["input_ids"].numel()
    assert dict(chat.spent) == {"tokens in": 2 * length, "tokens out": 24}


def test_thoughts_are_left_out():
    assert spoken("<think>\nWell, </think>\n\nA dog.") == "A dog."
    assert spoken("A dog </think> barks.") == "A dog </think> barks."
    assert spoken("Well, </think>\n\nA dog.", thinks=True) == "A dog."
    assert spoken("<think>on and on") == "<think>on and on"


def test_a_chat_model_captions_and_others_are_no_chat_models(checkpoint):
    captioner = open_model(f"hf:{checkpoint(tiny_hf.smolvlm)}", Captioner, {"hf": open_hf})
    assert isinstance(captioner.caption([CaptionRequest(tiny_hf.picture(1))])[0], Described)
    with pytest.raises(AddressError, match="is of type blip, which takes no prompts: it serves as Captioner alone"):
        open_model(f"hf:{checkpoint(tiny_hf.blip)}", ChatModel, {"hf": open_hf})


def test_roles_share_weights_and_weights_written_anew_are_read(tmp_path):
    folder = tiny_hf.llava(tmp_path)
    opened = [open_model(f"hf:{folder}", role, {"hf": open_hf}) for role in (ChatModel, Captioner, Answerer, Judge)]
    assert all(role.chat is opened[0] for role in opened[1:])
    assert open_model(f"hf:{folder}?batch=2", ChatModel, {"hf": open_hf}) is not opened[0]
    os.utime(folder / "model.safetensors", ns=(1, 1))
    assert open_model(f"hf:{folder}", ChatModel, {"hf": open_hf}) is not opened[0]


def test_large_pictures_are_made_smaller(checkpoint):
    large, small = tiny_hf.picture(3, 1600, 900), tiny_hf.picture(3, 400, 225)
    opened = {side: open_model(f"hf:{checkpoint(tiny_hf.llava)}{side}", ChatModel, {"hf": open_hf}) for side in ("", "?side=400")}

    def shown(side, picture):
        return opened[side].prompts.conversation(ChatRequest("what?", (picture,)))[0]["content"][0]["image"]

    assert [shown(side, large).size for side in opened] == [(1024, 576), (400, 225)]
    assert shown("?side=400", small).tobytes() == small.pil().tobytes()
    for wrong in ("0", "9000", "big"):
        with pytest.raises(AddressError, match=f"side must be a whole number of pixels from 28 to 8192, got '{wrong}'"):
            open_model(f"hf:{checkpoint(tiny_hf.llava)}?side={wrong}", ChatModel, {"hf": open_hf})


@pytest.mark.parametrize("build", [tiny_hf.llama, tiny_hf.llava])
def test_thinking_aloud_is_switched_off_where_the_template_can(build, tmp_path):
    folder = build(tmp_path)
    template = folder / "chat_template.jinja"
    off = "{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}"
    template.write_text(template.read_text() + off)
    chat = open_model(f"hf:{folder}", ChatModel, {"hf": open_hf})
    asked_of = ChatRequest("what?", (tiny_hf.picture(1),) if build is tiny_hf.llava else ())
    assert chat.prompts.tokenizer.decode(chat.prompts.inputs([asked_of])["input_ids"][0]).endswith("assistant\n<think></think>")


def test_a_chat_template_that_is_none_is_said_at_once(tmp_path):
    folder = tiny_hf.llava(tmp_path)
    (folder / "chat_template.jinja").write_text("{% if %}")
    with pytest.raises(AddressError, match=r"cannot be asked, its chat template fails \(.*\): name a chat model"):
        open_model(f"hf:{folder}", ChatModel, {"hf": open_hf})
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(AddressError, match="cannot be asked, it has no chat template: name a chat model"):
        open_model(f"hf:{folder}", ChatModel, {"hf": open_hf})
