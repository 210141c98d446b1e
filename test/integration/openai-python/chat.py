"""Chat completions by the official Python client: whole, streamed, as a conversation."""

import base64
import sys
import zlib

from openai import APIStatusError, BadRequestError, OpenAI

base_url, api_key = sys.argv[1:3]
client = OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
cota = {"cota": {"tools": ["Calculate"]}}


def png(width: int, height: int) -> str:
    """A grey picture, as a data URL."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\0" + b"\x88" * width) * height)
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(image).decode()


# As evaluation kits ask: an image, its question, and settings of their own.
messages = [
    {"role": "system", "content": "Be brief."},
    {
        "role": "user",
        "content": [
            {"type": "image_url", "image_url": {"url": png(16, 12), "detail": "low"}},
            {"type": "text", "text": "What is 1 + 1?"},
        ],
    },
]
completion = client.chat.completions.create(
    model="replayed", messages=messages, max_tokens=1024, n=1, temperature=0, extra_body=cota
)
choice = completion.choices[0]
assert (choice.message.content, choice.finish_reason, choice.message.tool_calls) == ("2", "stop", None)
assert "Step 0." in choice.message.reasoning_content
assert completion.usage.total_tokens >= 0
assert client.responses.retrieve(completion.id.replace("chatcmpl-", "resp_")).output_text == "2"

# The answer goes back as it came.
messages += [choice.message.model_dump(), {"role": "user", "content": "And again?"}]
assert client.chat.completions.create(model="replayed", messages=messages, extra_body=cota).choices[0].message.content == "2"

# Streamed.
chunks = list(
    client.chat.completions.create(
        model="replayed", messages=messages[:2], stream=True, stream_options={"include_usage": True}, extra_body=cota
    )
)
deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
assert "".join(delta.content or "" for delta in deltas) == "2"
assert any("Step 0." in (getattr(delta, "reasoning_content", None) or "") for delta in deltas)
assert chunks[-1].usage.total_tokens >= 0 and not chunks[-1].choices
with client.chat.completions.stream(model="replayed", messages=messages[:2], extra_body=cota) as stream:
    for _ in stream:
        pass
    assert stream.get_final_completion().choices[0].message.content == "2"

# What cannot be done is said.
for body in ({"tools": [{"type": "function", "function": {"name": "f"}}]}, {"n": 2}, {"logprobs": True}):
    try:
        client.chat.completions.create(model="replayed", messages=messages, **body)
    except BadRequestError as error:
        assert error.param in ("tools[0]", "n", "logprobs"), error.param
        continue
    raise AssertionError(f"{body} was to be refused")

# Longer than the server waits (the test has set that to three seconds).
try:
    client.chat.completions.create(model="slow", messages=messages)
except APIStatusError as error:
    assert (error.status_code, error.code) == (504, "wait_exceeded"), error
else:
    raise AssertionError("it was to be 504")
