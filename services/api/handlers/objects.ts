/** Bytes out of the store: a run's trace, artifacts by their hash, and the signed links of the `fs` store. */
import { openArtifact } from '../../../shared/artifact.ts';
import { CotaError } from '../../../shared/errors.ts';
import { paths, runIdOf } from '../../../shared/keys.ts';
import type { ObjectStream } from '../../../shared/object-store.ts';
import { findRun } from '../../../shared/run/find-run.ts';
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
  return send(await parts.objects.stream(paths.trace(tenant, run.id)));
};

/** An image by the SHA-256 of its bytes, within the tenant of the key: a hash of another tenant's image finds nothing. */
export const getArtifact: Handler = async ({ params, tenant }, { objects }) => {
  const sha256 = (params.sha256 ?? '').replace(/^file-/, '');
  const found = /^[0-9a-f]{64}$/.test(sha256) ? await openArtifact(objects, tenant, sha256) : undefined;
  if (found) return send(found);
  throw new CotaError('not_found', 'There is no artifact of this hash, or the runs that had it were deleted.');
};

/** Opens without a key: the signature in the link is what allows it. */
export const getLinked: Handler = async ({ url }, { objects }) => send(await objects.stream(objects.verifyLink(url)));

function send({ body, size, contentType }: ObjectStream): ApiReply {
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
