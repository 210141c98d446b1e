"""Loads every export with the library it is for, and compares rows with the chains: one line of JSON a check.

usage: check.py FOLDER   (as make-export.ts writes it)
"""
import hashlib
import importlib.util
import io
import json
import math
import os
import sys
import tempfile
import traceback

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TRANSFORMERS_OFFLINE="1", MODELSCOPE_OFFLINE="1")
# Its bounds are behind the versions that the other libraries ask for.
os.environ["DISABLE_VERSION_CHECK"] = "1"
os.environ.setdefault("HF_HOME", os.path.join(sys.argv[1], "hf"))
os.environ.setdefault("MODELSCOPE_CACHE", os.path.join(sys.argv[1], "ms"))
FOLDER = os.path.abspath(sys.argv[1])
OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is not ours


def tell(name, **facts):
    OUT.write(json.dumps({"check": name, **facts}) + "\n")
    OUT.flush()


def check(name, *packages):
    def run(function):
        missing = [one for one in packages if importlib.util.find_spec(one) is None]
        if missing:
            tell(name, skipped=f"Python package {', '.join(missing)} is missing")
            return
        try:
            tell(name, ok=True, **function())
        except Exception as error:
            traceback.print_exc()
            tell(name, ok=False, error=f"{type(error).__name__}: {error}"[:400])

    return run


def expected(calls, split="train"):
    with open(f"{FOLDER}/{calls}/expected.json", encoding="utf-8") as file:
        return [row for row in json.load(file) if row["split"] == split]


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {str(got)[:150]!r} is not {str(wanted)[:150]!r}")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def alike(got, wanted):
    """Equal but for numbers from the tenth decimal on, where the JSON reader of `datasets` rounds."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        return got.keys() == wanted.keys() and all(alike(got[key], wanted[key]) for key in got)
    if isinstance(got, list) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(alike, got, wanted))
    if isinstance(got, float) or isinstance(wanted, float):
        return not isinstance(got, (str, bool, type(None))) and math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-9)
    return type(got) is type(wanted) and got == wanted


def well_formed(value):
    """Without halves of surrogate pairs, which no UTF-8 can hold and the export writes as U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [well_formed(one) for one in value]
    if isinstance(value, dict):
        return {well_formed(key): well_formed(one) for key, one in value.items()}
    return value


def same_calls(got, wanted, what):
    got, wanted = well_formed(got), well_formed(wanted)
    if alike(got, wanted):
        return
    one, other = json.dumps(got), json.dumps(wanted)
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), 0)
    raise AssertionError(f"{what}: ...{one[at - 30 : at + 60]!r} is not ...{other[at - 30 : at + 60]!r}")


def tiny_processor():
    """A processor of Qwen2-VL's shape made here, with a byte-level alphabet and a template that writes all it is given."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, ProcessorMixin, Qwen2VLImageProcessor, Qwen2VLProcessor

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=special[0], eos_token=special[0], additional_special_tokens=special[1:]
    )
    template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
        "{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content or [] %}"
        "{% if p.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ p.text }}{% endif %}"
        "{% endfor %}{% endif %}"
        "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}"
        "<|im_end|>\n{% endfor %}"
    )
    fast.chat_template = template
    images = Qwen2VLImageProcessor(size={"shortest_edge": 3136, "longest_edge": 3136 * 4})

    class ImagesOnly(Qwen2VLProcessor):
        """Without the part for films, which needs torchvision."""

        def __init__(self, image_processor, tokenizer, chat_template=None):
            self.image_token, self.video_token = "<|image_pad|>", "<|video_pad|>"
            self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
            self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
            self.video_processor = None
            ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    return ImagesOnly(images, fast, chat_template=template)


@check("datasets: parquet with pictures", "datasets", "PIL")
def _():
    from datasets import load_dataset

    data = load_dataset(f"{FOLDER}/text/parquet")
    for split in ("train", "validation"):
        wanted = expected("text", split)
        same(len(data[split]), len(wanted), "rows")
        for row, want in zip(data[split], wanted):
            same(row["messages"], want["conversation"], f"messages of {row['id']}")
            same(row["question"], want["question"], "question")
            same(len(row["images"]), len(want["images"]), "images")
            for image in row["images"]:
                image.load()
        from datasets import Image, List

        raw = data[split].cast_column("images", List(Image(decode=False)))
        for row, want in zip(raw, wanted):
            same([hashlib.sha256(i["bytes"]).hexdigest() for i in row["images"]], want["images"], "picture bytes")
    return {"rows": sum(len(data[s]) for s in data), "images": sum(len(r["images"]) for r in data["train"])}


@check("datasets: JSON of every format", "datasets")
def _():
    from datasets import load_dataset

    rows = 0
    for calls in ("native", "text"):
        for path in ("mantis/train-00000.json", "llava/train-00000.json", "llama-factory/train/00000.jsonl",
                     "ms-swift/train-00000.jsonl", "trl/train-00000.jsonl", "openai/train-00000.jsonl"):
            data = load_dataset("json", data_files=f"{FOLDER}/{calls}/{path}", split="train")
            same(len(data), len(expected(calls)), f"rows of {calls}/{path}")
            rows += len(data)
    return {"rows": rows}


def trl_check(calls):
    from datasets import Image, List, load_dataset
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    os.chdir(f"{FOLDER}/{calls}")
    data = load_dataset("json", data_files="trl/train-*.jsonl", split="train").cast_column("images", List(Image()))
    wanted = expected(calls)
    same(len(data), len(wanted), "rows")
    processor = tiny_processor()
    collator = DataCollatorForVisionLanguageModeling(processor)
    images = 0
    for row, want in zip(data, wanted):
        batch = collator([dict(row)])
        text = processor.tokenizer.decode(batch["input_ids"][0])
        grid = batch.get("image_grid_thw")
        same(0 if grid is None else len(grid), len(want["images"]), f"pictures of {row['id']}")
        images += len(want["images"])
        for thought in want["thoughts"]:
            # Special tokens in a text are the tokenizer's own affair.
            if "<|" in thought:
                continue
            if calls == "native" and thought not in text:
                raise AssertionError(f"a thought of {row['id']} is lost: {thought!r}")
        if calls == "native":
            got = [[c["function"] for c in m.get("tool_calls") or []] for m in row["messages"] if m["role"] == "assistant"]
            same_calls(got, want["actions"], f"actions of {row['id']}")
        else:
            got = [m["content"][0]["text"] for m in row["messages"] if m["role"] == "assistant"]
            same(well_formed([json.loads(one)["thought"] for one in got]), want["thoughts"], "thoughts")
    return {"rows": len(data), "images": images}


for calls in ("native", "text"):
    check(f"TRL: vision collator ({calls})", "trl", "datasets", "torch")(lambda calls=calls: trl_check(calls))


def without_sound():
    """It imports torchaudio for recordings, of which we have none; a build for this torch is not always to be had."""
    import types
    from importlib.machinery import ModuleSpec

    if importlib.util.find_spec("torchaudio") is None:
        module = types.ModuleType("torchaudio")
        module.__spec__ = ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = module


@check("LLaMA-Factory: loader, converter, tokens", "llamafactory", "torch")
def _():
    without_sound()
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.data.loader import _get_merged_dataset
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import Seq2SeqTrainingArguments

    folder = f"{FOLDER}/text"
    args = DataArguments(
        template="qwen2_vl", dataset="loaders", eval_dataset="loaders_validation", dataset_dir=f"{folder}/llama-factory",
        media_dir=folder, cutoff_len=1 << 20, overwrite_cache=True, preprocessing_num_workers=1,
    )
    model = ModelArguments(model_name_or_path="none", cache_dir=tempfile.mkdtemp())
    training = Seq2SeqTrainingArguments(output_dir=tempfile.mkdtemp(), use_cpu=True, report_to=[])
    data = _get_merged_dataset(["loaders"], model, args, training, "sft")
    wanted = expected("text")
    same(len(data), len(wanted), "rows")
    for row, want in zip(data, wanted):
        got = [{"role": "system", "content": row["_system"]}] + row["_prompt"] + row["_response"]
        same([{"role": m["role"], "content": m["content"]} for m in got], want["conversation"], "conversation")
        same([sha256(path) for path in row["_images"] or []], want["images"], "pictures")
    processor = tiny_processor()
    tokenizer = processor.tokenizer
    for name, value in dict(video_processor=processor.image_processor, image_max_pixels=3136 * 4, image_min_pixels=3136, image_do_pan_and_scan=False, crop_to_patches=False,
                            video_max_pixels=3136, video_min_pixels=3136, video_fps=1.0, video_maxlen=1).items():
        setattr(processor, name, value)
    template = get_template_and_fix_tokenizer(tokenizer, args)
    training.predict_with_generate = False
    module = get_dataset(template, model, args, training, "sft", tokenizer, processor)
    train = module["train_dataset"]
    same(len(train), len(wanted), "rows with tokens")
    learnt = 0
    for row, want in zip(train, wanted):
        text = tokenizer.decode([token for token in row["labels"] if token >= 0])
        for message in want["conversation"]:
            if message["role"] == "assistant" and "<|" not in message["content"] and message["content"] not in text:
                raise AssertionError(f"a reply of {want['id']} is not learnt: {message['content']!r}")
        learnt += sum(token >= 0 for token in row["labels"])
    return {"rows": len(data), "images": sum(len(r["images"] or []) for r in train), "tokens learnt": learnt}


def swift_check(calls):
    from swift.dataset import load_dataset
    from swift.template.template_inputs import StdTemplateInputs

    os.chdir(f"{FOLDER}/{calls}")
    data, _ = load_dataset(["ms-swift/train-00000.jsonl"], load_from_cache_file=False)
    wanted = expected(calls)
    same(len(data), len(wanted), "rows")
    images = 0
    from swift.agent_template import agent_template_map

    hermes = agent_template_map["hermes"]()
    for row, want in zip(data, wanted):
        inputs = StdTemplateInputs.from_dict(dict(row))
        same(len(inputs.images), len(want["images"]), "pictures")
        paths = [one["path"] if isinstance(one, dict) else one for one in inputs.images]
        same([sha256(path) for path in paths], want["images"], "picture bytes")
        images += len(paths)
        marks = sum((m["content"] if isinstance(m["content"], str) else "").count("<image>") for m in inputs.messages)
        same(marks, len(paths), "<image> marks")
        if calls == "text":
            got = [{"role": "system", "content": inputs.system}] + [
                {"role": m["role"], "content": m["content"]} for m in inputs.messages]
            same(got, want["conversation"], "conversation")
        else:
            called = [json.loads(m["content"]) for m in inputs.messages if m["role"] == "tool_call"]
            same_calls(called, [a for turn in want["actions"] for a in turn], "actions")
            if called:
                text = hermes._format_tool_calls([m for m in inputs.messages if m["role"] == "tool_call"])
                for action in called:
                    if action["name"] not in text:
                        raise AssertionError("a call is lost in the agent template")
    return {"rows": len(data), "images": images}


for calls in ("native", "text"):
    check(f"ms-swift: loader, inputs ({calls})", "swift", "torch")(lambda calls=calls: swift_check(calls))


@check("OpenAI: lines, pictures decode", "PIL")
def _():
    import base64

    from PIL import Image

    rows = images = 0
    for calls in ("native", "text"):
        with open(f"{FOLDER}/{calls}/openai/train-00000.jsonl", encoding="utf-8") as file:
            for line, want in zip(file, expected(calls)):
                row = json.loads(line)
                urls = [p["image_url"]["url"] for m in row["messages"] if isinstance(m["content"], list)
                        for p in m["content"] if p["type"] == "image_url"]
                same(any(p["type"] == "image_url" for m in row["messages"] if m["role"] != "user" and isinstance(m["content"], list)
                         for p in m["content"]), False, "pictures outside user messages")
                found = [base64.b64decode(url.split(",", 1)[1]) for url in urls]
                same([hashlib.sha256(b).hexdigest() for b in found], want["images"], "pictures")
                for one in found:
                    Image.open(io.BytesIO(one)).load()
                rows, images = rows + 1, images + len(found)
        same(rows % len(expected(calls)), 0, "rows")
    return {"rows": rows, "images": images}


@check("Mantis and LLaVA: field lists")
def _():
    rows = images = 0
    for name, turns, speaker, text in (("mantis", "conversation", "role", "content"), ("llava", "conversations", "from", "value")):
        with open(f"{FOLDER}/text/{name}/train-00000.json", encoding="utf-8") as file:
            data = json.load(file)
        wanted = expected("text")
        same(len(data), len(wanted), "rows")
        for row, want in zip(data, wanted):
            listed = row["images"] if name == "mantis" else row.get("image", [])
            same([sha256(f"{FOLDER}/text/{path}") for path in listed], want["images"], "pictures")
            same(sum(m[text].count("<image>") for m in row[turns]), len(listed), "<image> marks")
            said = [m[text] for m in row[turns] if m[speaker] in ("assistant", "gpt")]
            same(said, [m["content"] for m in want["conversation"] if m["role"] == "assistant"], "replies")
            rows, images = rows + 1, images + len(listed)
    return {"rows": rows, "images": images}
