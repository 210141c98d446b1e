"""Batches by the official Python client: upload, create, poll, results, list, cancel; what is wrong is in the batch."""

import json
import sys
import time

from openai import BadRequestError, NotFoundError, OpenAI

base_url, api_key = sys.argv[1:3]
client = OpenAI(base_url=base_url, api_key=api_key, max_retries=0)


def upload(lines):
    content = "\n".join(json.dumps(line) for line in lines).encode()
    return client.files.create(file=("lines.jsonl", content), purpose="batch")


def line(custom_id, model="replayed"):
    body = {"model": model, "input": f"Question {custom_id}", "cota": {"tools": ["Calculate"]}}
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/responses", "body": body}


def over(batch):
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    return batch


file = upload([line("a"), line("b"), line("c", model="none-such")])
made = client.batches.create(
    input_file_id=file.id, endpoint="/v1/responses", completion_window="24h", metadata={"set": "one"}
)
assert made.object == "batch" and made.status in ("validating", "in_progress"), made
batch = over(made)
assert batch.status == "completed" and batch.metadata == {"set": "one"}, batch
counts = batch.request_counts
assert (counts.total, counts.completed, counts.failed) == (3, 2, 1), counts
output = [json.loads(text) for text in client.files.content(batch.output_file_id).text.splitlines()]
assert [one["custom_id"] for one in output] == ["a", "b"]
assert output[0]["response"]["status_code"] == 200
assert output[0]["response"]["body"]["status"] == "completed"
errors = [json.loads(text) for text in client.files.content(batch.error_file_id).text.splitlines()]
assert [(one["custom_id"], one["response"]["body"]["error"]["code"]) for one in errors] == [("c", "model_not_found")]
assert client.files.retrieve(batch.output_file_id).purpose == "batch_output"

# A file that is wrong: the batch says where.
wrong = over(
    client.batches.create(
        input_file_id=upload([line("a"), line("a")]).id, endpoint="/v1/responses", completion_window="24h"
    )
)
assert wrong.status == "failed" and wrong.errors.data[0].line == 2, wrong

# Cancelled, with a model that thinks for a minute.
slow = client.batches.create(
    input_file_id=upload([line("x", model="slow"), line("y", model="slow")]).id,
    endpoint="/v1/responses",
    completion_window="24h",
)
while client.batches.retrieve(slow.id).status == "validating":
    time.sleep(0.1)
assert client.batches.cancel(slow.id).status in ("cancelling", "cancelled")
ended = over(slow)
assert ended.status == "cancelled" and ended.request_counts.failed == 2, ended

# Lists, page by page, the newest first.
listed = [one.id for one in client.batches.list(limit=2)]
assert listed[:3] == [slow.id, wrong.id, batch.id], listed

# Chat completions as lines.
chat = {
    "custom_id": "chat",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "replayed", "messages": [{"role": "user", "content": "What is 1 + 1?"}]},
}
talked = over(
    client.batches.create(
        input_file_id=upload([chat]).id, endpoint="/v1/chat/completions", completion_window="24h"
    )
)
(answer,) = [json.loads(text) for text in client.files.content(talked.output_file_id).text.splitlines()]
assert answer["response"]["body"]["choices"][0]["message"]["content"] == "2", answer

try:
    client.batches.retrieve("batch_01kb0000000000000000000000")
    raise AssertionError("a batch that never was is found")
except NotFoundError:
    pass
try:
    client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h")
    raise AssertionError("a batch of embeddings is taken")
except BadRequestError as error:
    assert error.param == "endpoint", error
