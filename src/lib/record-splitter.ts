import type { ByteString } from './bytes.js';

/** Cuts chunks of bytes into records that end with a separator. */
export interface RecordSplitter {
  /** The records completed by this chunk, without their separators. */
  push(chunk: Buffer): ByteString[];
  /** What follows the last separator; undefined when there is nothing. */
  rest(): ByteString | undefined;
}

/**
 * Cuts a stream of chunks into records. Records are flat strings: keeping one does not keep the chunk it came from.
 * @param separator the byte that ends a record
 */
export function createRecordSplitter(separator: number): RecordSplitter {
  let pending: Buffer[] = [];
  return {
    push(chunk) {
      const records: ByteString[] = [];
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(separator, start);
        if (end < 0) break;
        if (pending.length > 0) {
          pending.push(chunk.subarray(start, end));
          records.push(Buffer.concat(pending).toString('latin1') as ByteString);
          pending = [];
        } else {
          records.push(chunk.toString('latin1', start, end) as ByteString);
        }
        start = end + 1;
      }
      if (start < chunk.length) pending.push(Buffer.from(chunk.subarray(start)));
      return records;
    },
    rest() {
      if (pending.length === 0) return undefined;
      const last = Buffer.concat(pending).toString('latin1') as ByteString;
      pending = [];
      return last;
    },
  };
}

/** The records of a stream of chunks; a last one without separator counts too. Pulls chunks only as records are taken. */
export async function* splitRecords(
  chunks: AsyncIterable<Buffer>,
  separator: '\0' | '\n',
): AsyncGenerator<ByteString> {
  const splitter = createRecordSplitter(separator.charCodeAt(0));
  for await (const chunk of chunks) yield* splitter.push(chunk);
  const last = splitter.rest();
  if (last !== undefined) yield last;
}
