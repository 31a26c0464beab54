import { bodyOf, type Exchange, patiently } from './exchange.js';
import type { HeldLocks } from './held-locks.js';
import { createUnlockReader } from './unlock-messages.js';

/** Milliseconds between the signs of life that the system asks of a client which has nothing to say. */
const PROBE = 30_000;

/** Keeps a lock until the client says that it may go, or is gone itself. */
export async function keepLocked(exchange: Exchange, id: string, locks: HeldLocks): Promise<void> {
  const kept = locks.keep(id);
  if (kept === undefined) return;
  exchange.request.socket.setKeepAlive(true, PROBE);
  let unlocked = false;
  try {
    // A client says nothing for as long as its transfer takes.
    unlocked = await patiently(exchange, () => hearUnlock(exchange));
  } finally {
    await (unlocked ? kept.release() : kept.abandon());
  }
}

async function hearUnlock(exchange: Exchange): Promise<boolean> {
  const reader = createUnlockReader();
  for await (const piece of bodyOf(exchange)) {
    if (reader.hear(piece.toString('latin1'))) return true;
  }
  return false;
}
