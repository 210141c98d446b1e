/** A form as a client writes it, in the order of its parts. */
export function formOf(...parts: readonly (readonly [disposition: string, content: string])[]): Buffer<ArrayBuffer> {
  const chunks = parts.flatMap(([disposition, content]) => [
    Buffer.from(`--b0undary\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from('--b0undary--\r\n')]);
}
export const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b0undary' };
