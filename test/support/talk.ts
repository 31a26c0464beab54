import { Readable, Writable } from 'node:stream';
import { serve } from '../../src/protocol/serve.js';
import type { ServedContent } from '../../src/protocol/served-content.js';
import type { ServedServices } from '../../src/protocol/served-services.js';
import type { Access } from '../../src/protocol/session.js';
import { createStreamWire } from '../../src/remotes/transport/stream-wire.js';

export interface Talk {
  /** What the server said: a byte string. */
  readonly output: string;
  /** What it threw at the end. */
  readonly error: unknown;
}

/** All that a client says, and then the end of the connection; what the server answered. */
export async function talk(
  input: string | AsyncIterable<Buffer>,
  content: ServedContent,
  access: Access = 'all',
  services?: ServedServices,
): Promise<Talk> {
  const said: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      said.push(chunk);
      done();
    },
  });
  const from = typeof input === 'string' ? [Buffer.from(input, 'latin1')] : input;
  const wire = createStreamWire(Readable.from(from, { objectMode: false }), output);
  let error: unknown;
  try {
    await serve(wire, content, access, services);
  } catch (thrown) {
    error = thrown;
  }
  // What is said in one turn goes out at its end.
  await new Promise(setImmediate);
  return { output: Buffer.concat(said).toString('latin1'), error };
}
