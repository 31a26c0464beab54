import { keySize } from '../../domain/key.js';
import type { BatchLimits } from '../../lib/in-batches.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';

/**
 * How many items are worked on together, sharing barriers and changes of the location logs. A user who waits for each
 * answer gets them one at a time, and a large content does not keep others waiting for their end.
 */
export function batchLimits(selection: Selection): BatchLimits<Item> {
  return {
    items: selection.interactive ? 1 : 2048,
    weight: 64 << 20,
    weigh: ({ key }) => keySize(key) ?? 0,
    linger: 20,
  };
}
