import { open } from 'node:fs/promises';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { OpenContent } from '../../protocol/served-content.js';

export interface OpenContentOptions {
  readonly path: ByteString;
  readonly offset: number;
  readonly unchanged: () => Promise<boolean>;
  readonly close: (received: boolean | undefined) => void;
}

const PIECE = 1 << 18;

/** A content file from an offset on; an offset behind its end gives nothing. */
export async function openContent(options: OpenContentOptions): Promise<OpenContent> {
  const { path, offset } = options;
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    file = await open(toPath(path), 'r');
    const { size } = await file.stat();
    const opened = file;
    return {
      length: Math.max(0, size - offset),
      async *pieces() {
        for (let at = offset; at < size; ) {
          // A fresh buffer each time: the one before may still be on its way out.
          const { bytesRead, buffer } = await opened.read(Buffer.allocUnsafe(PIECE), 0, PIECE, at);
          if (bytesRead === 0) return;
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      },
      unchanged: options.unchanged,
      async close(received) {
        await opened.close();
        options.close(received);
      },
    };
  } catch (error) {
    await file?.close();
    options.close(undefined);
    throw error;
  }
}
