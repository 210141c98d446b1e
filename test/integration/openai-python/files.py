"""Files by the official Python client: upload, look at, list, read, delete; what is wrong is an error with words."""

import io
import pathlib
import sys
import tempfile

from openai import BadRequestError, NotFoundError, OpenAI

base_url, api_key = sys.argv[1:3]
client = OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
content = '{"custom_id": "ü"}\n'.encode()

# From bytes with a name, from an open file, from a path.
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "requests.jsonl"
    path.write_bytes(content)
    with path.open("rb") as opened:
        sources = [("requests.jsonl", content), opened, path, ("requests.jsonl", io.BytesIO(content))]
        made = [client.files.create(file=source, purpose="batch") for source in sources]

for file in made:
    assert file.object == "file" and file.status == "processed", file
    assert (file.filename, file.bytes, file.purpose) == ("requests.jsonl", len(content), "batch"), file
    assert client.files.content(file.id).read() == content

# Lists, page by page.
listed = [file.id for file in client.files.list(purpose="batch", limit=2, order="asc")]
assert [file_id for file_id in listed if file_id in {file.id for file in made}] == [file.id for file in made]
assert client.files.retrieve(made[0].id) == made[0]

# A part of the content, streamed.
with client.files.with_streaming_response.content(made[0].id, extra_headers={"Range": "bytes=2-10"}) as part:
    assert part.status_code == 206
    assert part.read() == content[2:11]

# Expiry.
expiring = client.files.create(
    file=("a.jsonl", content), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600}
)
assert expiring.expires_at == expiring.created_at + 3600, expiring

for file in [*made, expiring]:
    assert client.files.delete(file.id).deleted

# Errors.
try:
    client.files.retrieve(made[0].id)
    raise AssertionError("a deleted file was found")
except NotFoundError:
    pass
for file, purpose, word in [
    (("a.jsonl", content), "fine-tune-results", "made by"),
    (("a.jsonl", b""), "batch", "empty"),
]:
    try:
        client.files.create(file=file, purpose=purpose)
        raise AssertionError(f"{purpose} was taken")
    except BadRequestError as error:
        assert word in str(error), error
print("ok")
