import type { ByteString } from '../lib/bytes.js';

/** What a request to store or to remove came to. */
export interface Outcome {
  readonly success: boolean;
  /**
   * Other repositories than the one that was asked: where content was stored, or is gone from. A cluster names its nodes,
   * also those that did their part when it was no success.
   */
  readonly also: readonly ByteString[];
}

/** What it came to in the one repository that was asked. */
export function plainly(success: boolean): Outcome {
  return { success, also: [] };
}
