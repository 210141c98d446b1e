/**
 * The file of a batch's results. Its id follows from the batch, so that a conclusion that is repeated makes no second
 * file, and so that whoever finds a part of it knows its file.
 */
export function resultFileId(batchId: string, kind: 'output' | 'errors'): string {
  return `file-${batchId.slice('batch_'.length, -1)}${kind === 'output' ? 'x' : 'y'}`;
}
