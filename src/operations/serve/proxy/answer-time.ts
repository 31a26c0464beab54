import { type Key, keySize } from '../../../domain/key.js';
import type { Message } from '../../../protocol/message.js';

/** Bytes a millisecond that any disk reads: what a repository has of a content it may read to the end before it answers. */
const SLOWEST = 20_000;

/** Milliseconds of the longest wait: a key may claim any size. */
const LONGEST = 1e9;

/** How many times longer than other answers one may take before which an unknown amount is read. */
const READING = 20;

/** Milliseconds that a repository may take to check so many bytes, besides those that any answer may take. */
export function checkingTime(bytes: number, patience: number): number {
  return Math.min(patience + bytes / SLOWEST, LONGEST);
}

/** Milliseconds until a repository says from which byte on it wants a content: what it has of it is read before. */
export function resumingTime(key: Key, patience: number): number {
  const size = keySize(key);
  return Math.min(
    patience * READING,
    size === undefined ? Number.POSITIVE_INFINITY : checkingTime(size, patience),
  );
}

/**
 * Tells how many milliseconds the next answer on a connection may take. It is to be told what is said.
 * @param patience milliseconds for an answer before which nothing has to be read
 */
export function createAnswerTimes(patience: number): { said(message: Message): void; next(): number } {
  let time = patience;
  let checking = patience;
  return {
    said(message) {
      if (message.name === 'PUT') {
        time = resumingTime(message.key, patience);
        checking = checkingTime(keySize(message.key) ?? 0, patience);
      } else if (message.name === 'DATA') {
        checking = Math.max(checking, checkingTime(message.length, patience));
        time = checking;
      } else if (message.name !== 'VALID' && message.name !== 'INVALID') time = patience;
    },
    next: () => time,
  };
}
