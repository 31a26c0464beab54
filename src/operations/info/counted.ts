import type { Item } from '../select/item.js';
import { type Matches, matching } from '../select/matching.js';

/** The items that are counted: those that the matching options want, where there are any. */
export function counted(items: AsyncIterable<Item>, matches: Matches | undefined): AsyncIterable<Item> {
  return matches === undefined ? items : matching(items, matches, false, () => undefined);
}
