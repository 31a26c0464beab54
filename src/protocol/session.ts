import { ascii, fromText } from '../lib/bytes.js';
import type { Outcome } from './outcome.js';
import type { PeekingWire } from './peeking-wire.js';
import type { ServedContent } from './served-content.js';
import type { RefWatch, ServedServices } from './served-services.js';

/** What a client may do besides reading. */
export type Access = 'read' | 'append' | 'all';

/** One client's connection, as the server's side of the dialogue knows it. */
export interface Session {
  readonly wire: PeekingWire;
  /** Another one when the client asks to be led on. */
  content: ServedContent;
  readonly services: ServedServices | undefined;
  readonly access: Access;
  version: number;
  /** Raw data is on its way: an error can only be told by closing the connection. */
  streaming: boolean;
  watch: RefWatch | undefined;
}

export const READ_ONLY = ascii('this repository is read-only; write access denied');
export const APPEND_ONLY = ascii('this repository is append-only; removal denied');

export async function succeed({ wire }: Session, success: boolean): Promise<void> {
  await wire.send({ name: success ? 'SUCCESS' : 'FAILURE' });
}

/** The answer that a request to store or to remove gets. Clients before version 2 don't hear of other repositories. */
export async function report({ wire, version }: Session, { success, also }: Outcome): Promise<void> {
  if (version < 2 || also.length === 0) await wire.send({ name: success ? 'SUCCESS' : 'FAILURE' });
  else await wire.send({ name: success ? 'SUCCESS-PLUS' : 'FAILURE-PLUS', uuids: also });
}

export async function complain({ wire }: Session, text: string): Promise<void> {
  await wire.send({ name: 'ERROR', text: fromText(text) });
}
