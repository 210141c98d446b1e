"""Tiny random checkpoints of the recipes' architectures, with tokenizers and processors of the same kinds.

usage: tiny.py FAMILY TEXTS OUT   (TEXTS: a file whose words the tokenizer learns; prints one line of JSON)
"""
import json
import os
import sys

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
LLAMA = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<image>", "<|pad|>"]
CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# At the family's own numbers: ms-swift knows them by heart.
QWEN = {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645, "<|vision_start|>": 151652,
        "<|vision_end|>": 151653, "<|vision_pad|>": 151654, "<|image_pad|>": 151655, "<|video_pad|>": 151656}
QWEN_ROWS = 151936
SEEN = ["<image>", "<video>"]
SIZE, PATCH = 56, 14


def tokenizer(texts, special, **named):
    """special: tokens, or tokens with their numbers."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    learn = trainers.BpeTrainer(
        vocab_size=600, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=[] if isinstance(special, dict) else special,
    )
    made.train([texts], learn)
    if isinstance(special, dict):
        learnt = json.loads(made.to_str())["model"]
        merges = [tuple(one) for one in learnt["merges"]]
        made.model = models.BPE(vocab={**learnt["vocab"], **special}, merges=merges)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=8192, additional_special_tokens=list(special), **named
    )


def decoder(name, words, rows=None, **more):
    import transformers

    return getattr(transformers, name)(
        vocab_size=rows or len(words), hidden_size=64, intermediate_size=160, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=8192, bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id, pad_token_id=words.pad_token_id, **more,
    )


TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2,
         "image_size": SIZE, "patch_size": PATCH}


def mantis(texts, tower):
    from transformers import (CLIPImageProcessor, CLIPVisionConfig, LlavaConfig, LlavaForConditionalGeneration,
                              LlavaProcessor, SiglipImageProcessor, SiglipVisionConfig)

    words = tokenizer(texts, LLAMA, bos_token=LLAMA[0], eos_token="<|eot_id|>", pad_token="<|pad|>")
    if tower == "siglip":
        vision, size = SiglipVisionConfig(**TOWER), {"height": SIZE, "width": SIZE}
        images = SiglipImageProcessor(size=size)
    else:
        vision = CLIPVisionConfig(**TOWER)
        images = CLIPImageProcessor(size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE})
    # Mantis leaves the first place of the tower's output out: CLIP's class token, SigLIP's first patch.
    processor = LlavaProcessor(images, words, patch_size=PATCH, vision_feature_select_strategy="default",
                               num_additional_image_tokens=0 if tower == "siglip" else 1)
    config = LlavaConfig(vision_config=vision, text_config=decoder("LlamaConfig", words),
                         image_token_id=words.convert_tokens_to_ids("<image>"), pad_token_id=words.pad_token_id)
    return LlavaForConditionalGeneration(config), processor


def onevision(texts):
    from transformers import (LlavaOnevisionConfig, LlavaOnevisionForConditionalGeneration, LlavaOnevisionImageProcessor,
                              LlavaOnevisionProcessor, LlavaOnevisionVideoProcessor, SiglipVisionConfig)

    words = tokenizer(texts, [*CHATML, *SEEN], eos_token="<|im_end|>", pad_token="<|endoftext|>")
    grid = [[SIZE * a, SIZE * b] for a in (1, 2, 3) for b in (1, 2, 3)]
    size = {"height": SIZE, "width": SIZE}
    processor = LlavaOnevisionProcessor(
        LlavaOnevisionImageProcessor(size=size, image_grid_pinpoints=grid), words,
        LlavaOnevisionVideoProcessor(size=size), num_image_tokens=(SIZE // PATCH) ** 2,
        vision_feature_select_strategy="full",
    )
    config = LlavaOnevisionConfig(
        vision_config=SiglipVisionConfig(**TOWER, vision_use_head=False), text_config=decoder("Qwen2Config", words),
        image_token_id=words.convert_tokens_to_ids("<image>"), video_token_id=words.convert_tokens_to_ids("<video>"),
        image_grid_pinpoints=grid,
    )
    return LlavaOnevisionForConditionalGeneration(config), processor


def qwen3(texts):
    from transformers import (Qwen2VLImageProcessor, Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLProcessor,
                              Qwen3VLVideoProcessor)

    words = tokenizer(texts, QWEN, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    number = words.convert_tokens_to_ids
    # Wide, as the family's are: the size of a picture is a setting of trainer and server.
    limits = {"shortest_edge": 64 * 64, "longest_edge": 4096 * 4096}
    images = Qwen2VLImageProcessor(size=limits, patch_size=16, merge_size=2)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "qwen3-vl.jinja"), encoding="utf-8") as file:
        processor = Qwen3VLProcessor(images, words, Qwen3VLVideoProcessor(patch_size=16), chat_template=file.read())
    text = decoder("Qwen3VLTextConfig", words, QWEN_ROWS, head_dim=16, rope_parameters={
        "rope_type": "default", "rope_theta": 5e6, "mrope_section": [4, 2, 2], "mrope_interleaved": True}).to_dict()
    config = Qwen3VLConfig(
        text_config=text,
        vision_config={"depth": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 64,
                       "num_position_embeddings": 144, "patch_size": 16, "deepstack_visual_indexes": [0, 1]},
        image_token_id=number("<|image_pad|>"), video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"), vision_end_token_id=number("<|vision_end|>"),
    )
    return Qwen3VLForConditionalGeneration(config), processor


FAMILIES = {
    "mantis-siglip": lambda texts: mantis(texts, "siglip"),
    "mantis-clip": lambda texts: mantis(texts, "clip"),
    "llava-onevision": onevision,
    "qwen3-vl": qwen3,
}


def main():
    import torch
    import transformers

    family, texts, out = sys.argv[1:4]
    torch.manual_seed(1)
    model, processor = FAMILIES[family](texts)
    model.to(torch.bfloat16).save_pretrained(out)
    processor.save_pretrained(out)
    print(json.dumps({
        "architecture": type(model).__name__, "transformers": transformers.__version__,
        "parameters": sum(p.numel() for p in model.parameters()),
    }))


main()
