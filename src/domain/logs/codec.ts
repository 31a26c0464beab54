import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';

/** How a value stands in a log line. */
export interface Codec<V> {
  /** Undefined for what is no such value: the line is skipped. */
  parse(text: ByteString): V | undefined;
  format(value: V): ByteString;
}

/** A value and when it was set. */
export interface Stamped<V> {
  readonly clock: VectorClock;
  readonly value: V;
}

/** Any bytes without line ends. */
export const rawCodec: Codec<ByteString> = { parse: (text) => text, format: (value) => value };

/**
 * A whole number as git-annex reads it: leading white space and trailing text do not matter (`5 6` and `5x` are 5),
 * a fraction or exponent does (`5.5` is none).
 */
export const integerCodec: Codec<number> = {
  parse: (text) => {
    const match = /^[ \t-\r]*(-?\d+)(?!\.\d|[eE][+-]?\d)(?!\d)/.exec(text);
    return match === null ? undefined : Number(match[1]);
  },
  format: (value) => String(value) as ByteString,
};

/** Words without order or duplicates, written in byte order. */
export const wordsCodec: Codec<ReadonlySet<ByteString>> = {
  parse: (text) => new Set(text.split(' ').filter((word) => word !== '') as ByteString[]),
  format: (words) => [...words].sort().join(' ') as ByteString,
};
