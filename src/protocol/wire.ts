import type { ByteString } from '../lib/bytes.js';
import type { Message } from './message.js';

/** One end of a connection that speaks the line-based serialization: lines, and raw data after a `DATA` line. */
export interface Wire {
  /** The next line without its newline; undefined at the end of the connection. Throws `protocol` for one too long. */
  line(): Promise<ByteString | undefined>;
  /** The next `length` bytes; to be read to the end before the next line. Throws `connection-lost` when it is cut. */
  data(length: number): AsyncIterable<Uint8Array>;
  /** Resolves when the other side keeps up. Throws `connection-lost`. */
  send(message: Message): Promise<void>;
  /**
   * As `send`.
   * @param recycle called when the memory of the bytes may be used again, where that can be told, which may be later
   */
  sendData(bytes: Uint8Array, recycle?: (bytes: Uint8Array) => void): Promise<void>;
}
