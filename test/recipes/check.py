"""What a trainer makes of the rows it is given, beside what a server makes of the same conversations.

usage: check.py TRAINER CONVERSATIONS RESULT ARGUMENT...
CONVERSATIONS: what the cluster asks a model, as requests of its OpenAI backend; RESULT: the folder of the trained
weights, whose processor and chat template a server reads; ARGUMENT...: those of the trainer. Prints one line of JSON.
"""
import json
import os
import sys

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is not ours


def by_trl(arguments):
    import trl_sft

    sys.argv = ["trl_sft.py", *arguments]
    args = trl_sft.options()
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(args.model)
    with open(args.template, encoding="utf-8") as file:
        processor.chat_template = file.read()
    collate = trl_sft.collator(processor, args.max_length, args.max_pixels)
    for row in trl_sft.load(args.data):
        batch = collate([row])
        yield batch["input_ids"][0].tolist(), batch["labels"][0].tolist()


def by_swift(arguments):
    from swift.arguments import SftArguments
    from swift.pipelines import SwiftSft

    # One process that trains nothing needs no DeepSpeed.
    sft = SwiftSft([one for one in arguments if not one.startswith("--deepspeed")] + ["--dataset_shuffle=false"])
    data, _ = sft._get_dataset()
    for row in data:
        encoded = sft.template.encode(dict(row))
        yield encoded["input_ids"], encoded["labels"]


def by_llamafactory(arguments):
    import yaml
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from llamafactory.model import load_tokenizer

    with open(arguments[0], encoding="utf-8") as file:
        settings = yaml.safe_load(file)
    settings.pop("deepspeed")
    settings.update((name, yaml.safe_load(value)) for name, value in (one.split("=", 1) for one in arguments[1:]))
    model, data, training, _, _ = get_train_args(settings)
    module = load_tokenizer(model)
    template = get_template_and_fix_tokenizer(module["tokenizer"], data)
    for row in get_dataset(template, model, data, training, stage="sft", **module)["train_dataset"]:
        yield row["input_ids"], row["labels"]


def served(processor, messages):
    """Token ids of a conversation as a server makes them: its chat template, then its processor with the pictures."""
    from PIL import Image

    shown = []
    for message in messages:
        parts = message["content"] if isinstance(message["content"], list) else []
        shown += [Image.open(part["path"]).convert("RGB") for part in parts if part["type"] == "image"]
    text = processor.apply_chat_template(messages, tokenize=False)
    nested = [shown] if shown else None
    return processor(text=[text], images=nested, add_special_tokens=False)["input_ids"][0], len(shown)


def segments(ids, labels):
    """Runs of tokens that are learnt."""
    found, run = [], []
    for token, label in zip(ids, labels):
        if label != -100:
            assert token == label, "a label is another token"
            run.append(token)
        elif run:
            found.append(run)
            run = []
    return found + ([run] if run else [])


def main():
    trainer, conversations, result, *arguments = sys.argv[1:]
    sys.path.insert(0, os.environ["COTA_RECIPES_FOLDER"])
    with open(conversations, encoding="utf-8") as file:
        wanted = [json.loads(line) for line in file]
    made = {"trl": by_trl, "ms-swift": by_swift, "llamafactory": by_llamafactory}[trainer](arguments)
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(result)
    tokenizer = processor.tokenizer
    mark = tokenizer.convert_tokens_to_ids(processor.image_token)
    count = alike = learnt = tokens = pictures = image_tokens = 0
    other, example = [], ""
    for (ids, labels), messages in zip(made, wanted):
        ids, labels = list(ids), list(labels)
        asked, shown = served(processor, messages)
        asked = list(asked)
        said = [m["content"] for m in messages if m["role"] == "assistant"]
        heard = [tokenizer.decode(run) for run in segments(ids, labels)]
        count, tokens, learnt = count + 1, tokens + len(ids), learnt + sum(map(len, segments(ids, labels)))
        pictures, image_tokens = pictures + shown, image_tokens + ids.count(mark)
        clean = [one.replace("<|im_end|>", "").replace("<|eot_id|>", "").rstrip("\n") for one in heard]
        stops = all(one.rstrip("\n").endswith(("<|im_end|>", "<|eot_id|>")) for one in heard)
        if clean != said or not stops:
            raise SystemExit(f"row {count}: what is learnt is not what the model says: {heard} for {said}")
        if ids.count(mark) != asked.count(mark) or any(l == mark for l in labels):
            raise SystemExit(f"row {count}: {ids.count(mark)} image tokens in training, {asked.count(mark)} served")
        # Only line ends after the last turn may differ: nobody is asked anything behind it.
        end = min(len(ids), len(asked))
        same = ids[:end] == asked[:end] and not tokenizer.decode(ids[end:] + asked[end:]).strip()
        alike += same
        if not same and not other:
            at = next((i for i in range(end) if ids[i] != asked[i]), end)
            other = [tokenizer.decode(one[max(0, at - 10):at + 10]) for one in (ids, asked)]
        example = example or heard[0]
    if count != len(wanted):
        raise SystemExit(f"row {count + 1} of {len(wanted)} is missing in training")
    OUT.write(json.dumps({
        "rows": count, "alike": alike, "learnt": learnt, "tokens": tokens, "pictures": pictures,
        "image_tokens": image_tokens, "example": example, **({"differ": other} if other else {}),
    }) + "\n")
    OUT.flush()


main()
