import type { Readable, Writable } from 'node:stream';
import type { ByteString } from '../../lib/bytes.js';

/** A command that runs on the other side. */
export interface RemoteCommand {
  /** What it prints. */
  readonly input: Readable;
  /** What it reads. */
  readonly output: Writable;
  /** Its exit code; undefined when it was killed or the connection broke. Never rejects. */
  readonly exited: Promise<number | undefined>;
  /** The end of what it, or ssh, said on the standard error stream, for people; empty when nothing. */
  complaints(): string;
  /** Ends it; harmless when it has ended. */
  close(): void;
}

/** A way to run commands on one other machine. One connection carries as many commands at once as the other side allows. */
export interface Transport {
  /**
   * Starts a command line, to be read by the other side's shell. Throws `remote-unavailable` when there is no connection,
   * with the reason and what to do as hint. Where a connection is not made before its command runs (ssh without connection
   * sharing), the command ends without an exit code instead, and its complaints tell.
   */
  run(command: ByteString): Promise<RemoteCommand>;
  /** Ends the connection and what still runs over it. */
  close(): Promise<void>;
}
