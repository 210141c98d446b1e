/** Small zip and tar files, written byte by byte so that tests can also write wrong ones. */
import { crc32, deflateRawSync } from 'node:zlib';

type Members = Readonly<Record<string, Uint8Array>>;

export interface ZipOptions {
  /** What the list says of a member's unpacked size, where it lies. */
  readonly claimedSize?: number;
}

export function zipOf(members: Members, { claimedSize }: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(members)) {
    const packed = deflateRawSync(bytes);
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimedSize ?? bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, packed);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(20, 4);
    common.copy(entry, 6, 0, 26);
    entry.writeUInt32LE(offset, 42);
    list.push(entry, path);
    offset += 30 + path.length + packed.length;
  }
  const size = list.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...list, end]);
}

export function tarOf(members: Members): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, bytes] of Object.entries(members)) {
    if (name.length > 100) {
      const pair = `path=${name}\n`;
      const length = pair.length + 1;
      const record = Buffer.from(`${length + String(length + 3).length} ${pair}`);
      blocks.push(header('pax', record.length, 'x'), padded(record));
    }
    blocks.push(header(name.slice(0, 100), bytes.length, '0'), padded(bytes));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

function header(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 'utf8');
  block.write('0000644\0', 100, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

export const archivesOf = <T>(members: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(members);
