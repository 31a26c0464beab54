import type { Key } from './key.js';
import type { Uuid } from './uuid.js';

declare const proofBrand: unique symbol;

/**
 * Says that enough copies of the key existed, locked or trusted, at the moment it was made. Only `proveDrop` in
 * `planning/` makes one; `ObjectStore.remove` and `Remote.remove` take nothing else.
 */
export interface SafeDropProof {
  readonly [proofBrand]: true;
  readonly key: Key;
  /** Milliseconds of the monotonic clock after which it is void; undefined when every copy stays locked meanwhile. */
  readonly expires: number | undefined;
  readonly copies: readonly Uuid[];
}
