import type { Key } from '../domain/key.js';
import { type Outcome, plainly } from './outcome.js';
import type { ServedContent } from './served-content.js';

/** What a client is told that says it brought a content there in another way (`DATA-PRESENT`). */
export async function arrivalAt(content: ServedContent, key: Key): Promise<Outcome> {
  return content.arrived === undefined ? plainly(await content.present(key)) : content.arrived(key);
}
