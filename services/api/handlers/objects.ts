/** Bytes out of the store: a run's trace, artifacts by their hash, and the signed links of the `fs` store. */
import { artifactPointer } from '../../../shared/end-run.ts';
import { CotaError } from '../../../shared/errors.ts';
import { findRun } from '../../../shared/find-run.ts';
import { paths, runIdOf } from '../../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import type { ApiReply, Handler } from '../http.ts';

/** The trace as it was written, once the run has ended. */
export const getTrace: Handler = async ({ params, tenant }, parts) => {
  const runId = runIdOf(params.id ?? '');
  const run = runId === undefined ? undefined : await findRun(parts, tenant, runId);
  if (!run)
    throw new CotaError('not_found', `There is no run '${(params.id ?? '').slice(0, 100)}', or it was deleted.`);
  if (run.status !== 'closed') {
    throw new CotaError(
      'still_running',
      `The run has not ended; its trace is written when it has. GET /v1/responses/${params.id} shows its steps so far.`,
    );
  }
  return send(parts.objects, paths.trace(tenant, run.id));
};

/** An image by the SHA-256 of its bytes, within the tenant of the key: a hash of another tenant's image finds nothing. */
export const getArtifact: Handler = async ({ params, tenant }, { objects }) => {
  const sha256 = (params.sha256 ?? '').replace(/^file-/, '');
  const missing = () => new CotaError('not_found', 'There is no artifact of this hash, or its run was deleted.');
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw missing();
  try {
    const { bytes } = await objects.get(paths.artifact(tenant, sha256));
    return await send(objects, artifactPointer.parse(JSON.parse(bytes.toString())).key);
  } catch (error) {
    if (error instanceof ObjectMissing) throw missing();
    throw error;
  }
};

/** Opens without a key: the signature in the link is what allows it. */
export const getLinked: Handler = async ({ url }, { objects }) => send(objects, objects.verifyLink(url));

async function send(objects: ObjectStore, key: string): Promise<ApiReply> {
  const { body, size, contentType } = await objects.stream(key);
  return {
    body,
    headers: {
      'content-type': contentType,
      'content-length': String(size),
      'cache-control': 'private, max-age=300',
      // What users and tools made is shown as what it is, and runs nothing in a browser.
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  };
}
