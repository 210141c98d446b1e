"""The Responses API by the official Python client: waits, streams, polls and cancels."""

import sys
import time

from openai import BadRequestError, NotFoundError, OpenAI

base_url, api_key = sys.argv[1:3]
client = OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
cota = {"cota": {"tools": ["Calculate"]}}

# Waits.
response = client.responses.create(input="What is 1 + 1?", metadata={"case": "7"}, extra_body=cota)
assert response.status == "completed", response.status
assert response.output_text == "2", response.output_text
assert [item.type for item in response.output][:3] == ["reasoning", "function_call", "function_call_output"]
assert response.metadata == {"case": "7"}
assert response.usage.total_tokens >= 0
calls = {item.call_id for item in response.output if item.type == "function_call"}
outputs = {item.call_id for item in response.output if item.type == "function_call_output"}
assert calls and calls == outputs, "an agent loop would run these calls"

# Streams.
events = list(client.responses.create(input="What is 1 + 1?", stream=True, extra_body=cota))
assert [event.sequence_number for event in events] == list(range(len(events)))
assert events[0].type == "response.created" and events[-1].type == "response.completed"
assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "2"
again = client.responses.retrieve(events[0].response.id, stream=True, starting_after=5)
assert [event.sequence_number for event in again] == list(range(6, len(events)))

# The helper puts the events together.
with client.responses.stream(input="What is 1 + 1?", model="replayed", extra_body=cota) as stream:
    kinds = {event.type for event in stream}
    final = stream.get_final_response()
assert "response.output_text.done" in kinds
assert final.output_text == "2" and final.status == "completed"

# What a model says while it says it has a type that the client does not know: it is passed on as it is.
speaking = {"model": "speaking", "input": "What is 1 + 1?", "extra_body": {"cota": {"tools": [], "progress": True}}}
events = list(client.responses.create(stream=True, **speaking))
said = [event.text for event in events if event.type == "cota.progress"]
assert len(said) > 1 and said[-1].startswith(said[0]), said
assert events[-1].type == "response.completed"

# In the background.
response = client.responses.create(input="What is 1 + 1?", background=True, extra_body=cota)
end = time.monotonic() + 20
while response.status in ("queued", "in_progress"):
    assert time.monotonic() < end, "the run does not end"
    time.sleep(0.05)
    response = client.responses.retrieve(response.id)
assert response.output_text == "2"

# Cancels, also while the events are read.
response = client.responses.create(input="What is 1 + 1?", model="slow", background=True)
assert client.responses.cancel(response.id).status == "cancelled"
for event in client.responses.create(input="What is 1 + 1?", model="slow", stream=True, background=True):
    if event.type == "response.in_progress":
        client.responses.cancel(event.response.id)
assert event.type == "response.incomplete" and event.response.status == "cancelled"

# Errors are the client's classes; what was deleted is gone.
client.responses.delete(response.id)
for wrong, call in (
    (NotFoundError, lambda: client.responses.retrieve(response.id)),
    (BadRequestError, lambda: client.responses.create(input="Q", tools=[{"type": "web_search"}])),
    (BadRequestError, lambda: client.responses.create(input="", stream=True)),
):
    try:
        call()
    except wrong:
        continue
    raise AssertionError(f"{wrong.__name__} was to be raised")
