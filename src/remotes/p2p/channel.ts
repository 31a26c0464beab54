import type { Wire } from '../../protocol/wire.js';

/** A connection to a server of the P2P protocol, on which nothing was said yet. */
export interface Channel {
  readonly wire: Wire;
  /** Why the connection ended, as far as it is known: what ssh or the server complained about. */
  lost(): Promise<string | undefined>;
  close(): void;
}

/** Opens another connection to the same server. Throws `remote-unavailable`. */
export type OpenChannel = () => Promise<Channel>;
