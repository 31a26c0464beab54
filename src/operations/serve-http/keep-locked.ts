import { bodyOf, type Exchange } from './exchange.js';
import type { HeldLocks } from './held-locks.js';
import { createUnlockReader } from './unlock-messages.js';

/** Milliseconds between the signs of life that the system asks of a client which has nothing to say. */
const PROBE = 30_000;

/** Keeps a lock until the client says that it may go, or is gone itself. */
export async function keepLocked(exchange: Exchange, id: string, locks: HeldLocks): Promise<void> {
  const kept = locks.keep(id);
  if (kept === undefined) return;
  const { socket } = exchange.request;
  const patience = socket.timeout ?? 0;
  // A client says nothing for as long as its transfer takes.
  socket.setTimeout(0);
  socket.setKeepAlive(true, PROBE);
  let unlocked = false;
  try {
    const reader = createUnlockReader();
    for await (const piece of bodyOf(exchange)) {
      unlocked = reader.hear(piece.toString('latin1'));
      if (unlocked) break;
    }
  } finally {
    await (unlocked ? kept.release() : kept.abandon());
    socket.setTimeout(patience);
  }
}
