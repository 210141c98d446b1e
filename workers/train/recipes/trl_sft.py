"""Full fine-tuning of a vision-language model on chains of Cota's layout `trl`, by TRL.

Each picture stands where it stands in the conversation, and only what the model itself says is learnt. The chat
template is saved with the weights, so that a server asks the model in the words that it was trained with.

usage: trl_sft.py --model DIR --data DIR --out DIR --learning-rate 1e-5 ... (all options: --help)
"""
import argparse
import functools
import glob
import os
import sys


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="Hugging Face id, or a folder")
    parser.add_argument("--data", required=True, help="folder with train-*.jsonl and images/")
    parser.add_argument("--out", required=True)
    parser.add_argument("--template", required=True, help="chat template, a Jinja file that marks what is learnt")
    parser.add_argument("--freeze", nargs="*", default=[], help="parts of parameter names that stay as they are")
    parser.add_argument("--vision", default="vision_tower", help="part of the parameter names of the vision tower")
    parser.add_argument("--vision-learning-rate", type=float, help="left out: as the rest")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--batch-size", type=int, default=128, help="examples of a step, over all processes")
    parser.add_argument("--micro-batch-size", type=int, default=1, help="examples that a process computes at a time")
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--warmup", type=float, default=0.03, help="share of the steps")
    parser.add_argument("--max-length", type=int, default=8192, help="tokens; longer chains lose their last turns")
    parser.add_argument("--max-pixels", type=int, default=1_600_000, help="of a picture, as in the served model's entry")
    parser.add_argument("--attention", default="flash_attention_2")
    parser.add_argument("--save-steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deepspeed", default="", help="a configuration of DeepSpeed; empty: without it")
    parser.add_argument("--resume", help="checkpoint to go on from")
    return parser.parse_args()


def ends(words):
    """For what its user has to mend: one line, and no trace."""
    print(words, file=sys.stderr)
    sys.exit(1)


def load(folder):
    """Rows with the full paths of their pictures, which are read when their turn comes."""
    from datasets import Features, Image, List, Value, load_dataset

    files = sorted(glob.glob(f"{glob.escape(folder)}/train-*.jsonl"))
    if not files:
        ends(f"There is no train-*.jsonl in {folder}: export the chains as trl (data.export: trl).")
    part = {"type": Value("string"), "text": Value("string")}
    features = Features({
        "id": Value("string"),
        "messages": List({"role": Value("string"), "content": List(part)}),
        "images": List(Value("string")),
    })
    data = load_dataset("json", data_files=files, features=features, split="train")
    full = lambda row: {"images": [os.path.join(folder, path) for path in row["images"]]}
    return data.map(full, desc="pictures").cast_column("images", List(Image(mode="RGB")))


def cut(messages, turns):
    """The first turns, and how many pictures they show."""
    kept, said = [], 0
    for message in messages:
        if said == turns:
            break
        kept.append(message)
        said += message["role"] == "assistant"
    return kept, sum(part["type"] == "image" for message in kept for part in message["content"])


def without_marks(messages, mark):
    """A mark in a text would count as a picture."""
    def clean(part):
        return part if part["type"] == "image" else {**part, "text": part["text"].replace(mark, mark.replace("<", "<\\", 1))}

    return [{**one, "content": [clean(part) for part in one["content"]]} for one in messages]


def scaled(image, most):
    """As model workers scale a picture before a server sees it."""
    scale = min(1.0, (most / (image.width * image.height)) ** 0.5)
    if scale == 1.0:
        return image
    return image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))


def collator(processor, longest, pixels):
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    inner = DataCollatorForVisionLanguageModeling(
        processor=processor, assistant_only_loss=True, max_length=None
    )

    def fitting(row):
        """A picture is never cut in two: a chain that is too long loses whole turns at its end."""
        messages = without_marks(row["messages"], processor.image_token)
        turns = sum(one["role"] == "assistant" for one in messages)
        images = [scaled(image, pixels) for image in row["images"]]
        for kept in range(turns, 0, -1):
            some, shown = cut(messages, kept)
            example = {"messages": some, "images": images[:shown]}
            batch = inner([dict(example)])
            length = batch["input_ids"].shape[1]
            if length <= longest:
                return example, batch
        ends(f"{row['id']} has {length} tokens before the end of its first turn, over --max-length {longest}: "
             "leave it out (filter.max_tokens of the data recipe).")

    def collate(rows):
        fit = [fitting(row) for row in rows]
        # Pictures are not prepared twice where a process computes one example at a time.
        return fit[0][1] if len(fit) == 1 else inner([example for example, _ in fit])

    return collate


def grouped(trainer_class, vision, rate):
    """The trainer with a learning rate of its own for the vision tower."""

    class Grouped(trainer_class):
        def create_optimizer(self, model=None):
            if self.optimizer is None:
                model = self.model if model is None else model
                decayed = set(self.get_decay_parameter_names(model))
                groups = {}
                for name, parameter in model.named_parameters():
                    if parameter.requires_grad:
                        groups.setdefault((vision in name, name in decayed), []).append(parameter)
                made, settings = self.get_optimizer_cls_and_kwargs(self.args, model)
                rates = {True: rate, False: self.args.learning_rate}
                self.optimizer = made([
                    {"params": some, "lr": rates[seen], "weight_decay": self.args.weight_decay if decay else 0.0}
                    for (seen, decay), some in groups.items()
                ], **settings)
            return self.optimizer

    return Grouped


def main():
    args = options()
    world = int(os.environ.get("WORLD_SIZE", "1"))
    accumulation, rest = divmod(args.batch_size, args.micro_batch_size * world)
    if rest or accumulation == 0:
        ends(f"A batch of {args.batch_size} is no multiple of {world} processes x {args.micro_batch_size} examples: "
             "change batch_size, or processes.")
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from trl import SFTConfig, SFTTrainer

    cuda = torch.cuda.is_available()
    if args.deepspeed and not cuda:
        import deepspeed

        # The model is cut over the processes while it is loaded. On a GPU transformers makes them known to each other.
        deepspeed.init_distributed()
    # Before the model, so that ZeRO 3 cuts it while it is loaded.
    settings = SFTConfig(
        output_dir=args.out, seed=args.seed, num_train_epochs=args.epochs, learning_rate=args.learning_rate,
        per_device_train_batch_size=args.micro_batch_size, gradient_accumulation_steps=accumulation,
        lr_scheduler_type="cosine", warmup_steps=args.warmup, weight_decay=args.weight_decay, max_grad_norm=1.0,
        bf16=True, tf32=True if cuda else None, use_cpu=not cuda,
        activation_checkpointing=True, activation_checkpointing_kwargs={"use_reentrant": False},
        logging_steps=1, save_steps=args.save_steps, save_total_limit=1, report_to=[],
        max_length=None, assistant_only_loss=True, remove_unused_columns=False, dataset_kwargs={"skip_prepare_dataset": True},
        dataloader_num_workers=2 if cuda else 0, deepspeed=args.deepspeed or None,
    )
    data = load(os.path.abspath(args.data))
    processor = AutoProcessor.from_pretrained(args.model)
    with open(args.template, encoding="utf-8") as file:
        processor.chat_template = file.read()
    model = AutoModelForImageTextToText.from_pretrained(
        args.model, dtype=torch.bfloat16, attn_implementation=args.attention
    )
    # Under ZeRO 3 transformers 5.24 writes names of an older layout wrongly (model.model); today's are read everywhere.
    model.save_pretrained = functools.partial(model.save_pretrained, save_original_format=False)
    for name, parameter in model.named_parameters():
        if any(part in name for part in args.freeze):
            parameter.requires_grad = False
    rate = args.vision_learning_rate
    trainer_class = SFTTrainer if rate is None else grouped(SFTTrainer, args.vision, rate)
    trainer = trainer_class(
        model=model, args=settings, train_dataset=data, processing_class=processor,
        data_collator=collator(processor, args.max_length, args.max_pixels),
    )
    trainer.train(resume_from_checkpoint=args.resume)
    trainer.save_model(args.out)
    processor.save_pretrained(args.out)


if __name__ == "__main__":
    main()
