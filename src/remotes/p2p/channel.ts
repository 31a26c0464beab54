import type { ByteString } from '../../lib/bytes.js';
import type { Wire } from '../../protocol/wire.js';

/** A connection to a server of the P2P protocol, on which nothing was said yet. */
export interface Channel {
  readonly wire: Wire;
  /** What the server wants to hear first, where the connection itself does not tell it who is there. */
  readonly auth?: ChannelAuth;
  /** The repository behind the server that it has to be asked for. */
  readonly behind?: ByteString | undefined;
  /** Why the connection ended, as far as it is known: what ssh or the server complained about. */
  lost(): Promise<string | undefined>;
  close(): void;
}

/** Who speaks, and with which secret. */
export interface ChannelAuth {
  readonly uuid: ByteString;
  readonly token: ByteString;
  /** What the user can do when the server does not accept it. */
  readonly rejected: string;
}

/** Opens another connection to the same server. Throws `remote-unavailable`. */
export type OpenChannel = () => Promise<Channel>;
