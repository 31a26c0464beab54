import type { ByteString } from '../lib/bytes.js';
import { type ClientSession, nextMessage, refusal, unexpected } from './client.js';
import type { Service } from './message.js';

/** Both ends of what a service of git says, at the client. */
export interface ServiceStreams {
  /** What the service is told. It may go on after the service has ended: it is not read any further then. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Takes what the service says; waited for before more is read. */
  readonly output: (bytes: Uint8Array) => Promise<void> | undefined;
}

/**
 * Turns the connection over to a service of git; gives its exit code. The server closes the connection afterwards. Throws
 * `remote-refused` when it does not offer the service.
 */
export async function connectToService(
  { wire }: ClientSession,
  service: Service,
  { input, output }: ServiceStreams,
): Promise<number> {
  await wire.send({ name: 'CONNECT', service });
  let over = false;
  const told = tell();
  // The reader learns of a lost connection as well, and is waited for.
  told.catch(() => undefined);

  async function tell(): Promise<void> {
    for await (const piece of input) {
      if (over) return;
      if (piece.length === 0) continue;
      await wire.send({ name: 'DATA', length: piece.length });
      await wire.sendData(piece);
    }
  }

  try {
    for (;;) {
      const message = await nextMessage(wire);
      if (message.name === 'CONNECTDONE') return message.exitCode;
      if (message.name === 'ERROR') throw refusal(message.text);
      if (message.name !== 'DATA') throw unexpected(message);
      for await (const piece of wire.data(message.length)) await output(piece);
    }
  } finally {
    over = true;
  }
}

/** Waits until a branch of the server's git repository changes; gives those that did. */
export async function waitForChange({ wire }: ClientSession): Promise<readonly ByteString[]> {
  await wire.send({ name: 'NOTIFYCHANGE' });
  const message = await nextMessage(wire);
  if (message.name === 'CHANGED') return message.refs;
  throw message.name === 'ERROR' ? refusal(message.text) : unexpected(message);
}
