import type { Item } from '../select/item.js';

/** Whether the matching options want an item counted. */
export type Matches = (item: Item) => boolean | Promise<boolean>;
