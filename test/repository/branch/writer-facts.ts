import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';

export function keyNumber(i: number): Key {
  return `SHA256-s1--${i.toString(16).padStart(64, '0')}` as Key;
}

/** Another uuid for each round of each writer, so that every update can be found again. */
export function uuidOf(writer: string, round: number): Uuid {
  return `${writer.padStart(8, '0')}-0000-4000-8000-${String(round).padStart(12, '0')}` as Uuid;
}
