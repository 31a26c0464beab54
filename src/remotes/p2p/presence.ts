import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { createFeed } from '../../lib/feed.js';
import { produce } from '../../lib/produce.js';
import { readYesOrNo } from '../../protocol/client.js';
import type { Presence } from '../remote.js';
import { converse, type Dialogue } from './ask-ahead.js';
import type { P2pParts } from './parts.js';
import { workThrough } from './work-through.js';

export interface KeyPresence {
  readonly key: Key;
  readonly presence: Presence;
}

/** Questions read ahead, and answers not taken yet. */
const AHEAD = 2048;

/** Asks which contents the remote has, with many questions on their way at once. */
export async function* presenceOfAll(
  parts: P2pParts,
  keys: AsyncIterable<Key>,
  given: AbortSignal,
): AsyncGenerator<KeyPresence> {
  yield* produce<KeyPresence>(given, AHEAD, async (emit, signal) => {
    const feed = createFeed(questions(keys), AHEAD);
    const dialogue: Dialogue<Question> = {
      expected: () => 0,
      async ask({ wire }, { key }) {
        await wire.send({ name: 'CHECKPRESENT', key });
        return true;
      },
      async answer(session, { key }) {
        try {
          await emit({ key, presence: (await readYesOrNo(session)) ? 'present' : 'absent' });
        } catch (error) {
          if (!(error instanceof AnnexError) || error.code !== 'remote-refused') throw error;
          await emit({ key, presence: error });
        }
      },
    };
    const window = parts.windows.questions;
    await workThrough({
      ...parts,
      feed,
      window,
      signal,
      // Questions are quick: one connection answers them faster than another one can be made.
      jobs: 1,
      talk: (connection) => converse(connection, feed, dialogue, window),
      leave: async () => false,
      fail: ({ key }, presence) => emit({ key, presence }),
    });
  });
  given.throwIfAborted();
}

/** An object of its own, since the same key may be asked about twice. */
interface Question {
  readonly key: Key;
}

async function* questions(keys: AsyncIterable<Key>): AsyncGenerator<Question> {
  for await (const key of keys) yield { key };
}
