import { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { AnnexApi } from './annex-api.js';
import { parseRemoved, parseTimestamp } from './answers.js';

/** The oldest version with `remove-before` and `gettimestamp`. */
const SINCE = 3;
/** Milliseconds for which the two clocks are taken to go side by side. */
const REFRESH = 60_000;

/** Removes contents on a server, each before its proof expires. Gives where else it is gone. */
export type RemoveContent = (key: Key, proof: SafeDropProof) => Promise<readonly Uuid[]>;

/** Throws `remote-refused` when the content stayed, `copies-insufficient` when the proof is void. */
export function createRemoval(api: AnnexApi, signal: AbortSignal): RemoveContent {
  let clocks: { readonly theirs: number; readonly ours: number } | undefined;

  /** Seconds of the server's clock at which the proof is void. What makes the answer late makes this early. */
  async function deadline(expires: number): Promise<number | undefined> {
    if (clocks === undefined || performance.now() - clocks.ours > REFRESH) {
      if (api.settled() && api.version() < SINCE) return undefined;
      const response = await api.ask('gettimestamp', [], { signal });
      if (api.version() < SINCE) return undefined;
      clocks = { theirs: parseTimestamp(await response.text()), ours: performance.now() };
    }
    return clocks.theirs + Math.floor((expires - clocks.ours) / 1000);
  }

  return async (key, proof) => {
    const timestamp = proof.expires === undefined ? undefined : await deadline(proof.expires);
    if (proof.expires !== undefined && performance.now() >= proof.expires)
      throw new AnnexError('copies-insufficient', 'checking the other copies took too long');
    const response = await api.ask(
      timestamp === undefined ? 'remove' : 'remove-before',
      [
        ['timestamp', timestamp],
        ['key', key],
      ],
      { signal },
    );
    const { removed, plusUuids } = parseRemoved(await response.text());
    if (!removed) throw new AnnexError('remote-refused', 'the remote did not remove the content');
    return plusUuids;
  };
}
