import type { Key } from '../domain/key.js';
import type { ByteString } from '../lib/bytes.js';
import type { Outcome } from './outcome.js';

/** What a server gives access to, as far as the dialogue needs it. Names are for information only. */
export interface ServedContent {
  readonly uuid: ByteString;
  /** Hears of gateways that the client does not want to be led through; left out where nobody is led on. */
  bypass?(uuids: readonly ByteString[]): void;
  present(key: Key): Promise<boolean>;
  /** Keeps content from being dropped; undefined when it is absent or being dropped. */
  lock(key: Key): Promise<ServedLock | undefined>;
  /** Seconds of the monotonic clock of the machine. */
  now(): number;
  /** Success: the content is not there afterwards. `before`: seconds of `now()` at which it must not be removed any more. */
  remove(key: Key, before: number | undefined): Promise<Outcome>;
  /** Content from an offset; undefined when it is not present or may not be sent. */
  open(key: Key, offset: number, file: ByteString): Promise<OpenContent | undefined>;
  /**
   * A client says that it brought the content there in another way: whether that is so, and in which other repositories. Left
   * out where `present` tells all there is to tell.
   */
  arrived?(key: Key): Promise<Outcome>;
  /** @param shared what this reception and others that get the very same bytes have in common; each may leave it unused */
  receive(key: Key, file: ByteString, shared?: SharedCheck): Promise<ReceiveAnswer>;
  /** Whether where a content goes depends on the names of files, as it may in a cluster. Undefined: it does not. */
  asksNames?(): Promise<boolean>;
}

/** Sees all bytes of a content once, in order, and then says whether they are the key's. Undefined: nobody can tell. */
export interface StreamCheck {
  update(bytes: Uint8Array): void;
  matches(): boolean | undefined;
}

/** Gives a reception that begins at the start its part in a check which sees the bytes once for all of them. */
export type SharedCheck = (make: () => StreamCheck) => StreamCheck;

/**
 * What content that somebody wants to send meets: it is wanted; it is there already (`also`: in these repositories as
 * well); it cannot be received now, because somebody else is sending it.
 */
export type ReceiveAnswer =
  | { readonly kind: 'wanted'; readonly reception: Reception }
  | { readonly kind: 'there'; readonly also: readonly ByteString[] }
  | { readonly kind: 'refused' };

export interface ServedLock {
  release(): Promise<void>;
  /** The client is gone without unlocking: the content stays for ten minutes from when it was locked. */
  abandon(): Promise<void>;
}

export interface OpenContent {
  /** Bytes from the offset to the end. */
  readonly length: number;
  pieces(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Gives the memory of a piece back once nobody reads it any more; may be left out. */
  recycle?(piece: Uint8Array): void;
  /** Whether it is still the key's content after the last piece. */
  unchanged(): Promise<boolean>;
  /** @param received whether the client said that it has the content now; undefined: it said nothing of the kind */
  close(received: boolean | undefined): Promise<void>;
}

export interface Reception {
  /** Bytes that are here from an attempt before. */
  readonly offset: number;
  /** So many bytes come. Called once, before the first of them; may be left out. */
  begin?(length: number): Promise<void>;
  /** The bytes may not be changed afterwards. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Verifies and keeps the content; no success when it is not the key's, and then nothing is kept.
   * @param confirmed default true: the sender says that it did not change meanwhile; if not, it is only kept when a hash tells
   */
  finish(confirmed?: boolean): Promise<Outcome>;
  /** What came is of no use. */
  discard(): Promise<void>;
  /** The connection broke or nothing came: what is there is kept for the next attempt. */
  leave(): Promise<void>;
}
