import type { ByteString } from '../../lib/bytes.js';
import { type FormatPiece, fillFormat } from '../../lib/format-string.js';
import type { ObjectStore } from '../../repository/objects/object-store.js';
import type { OperationContext, Outcome } from '../context.js';
import { keyFields } from '../keys-info/key-fields.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';

export interface FindRequest {
  readonly selection: Selection;
  /** Only what is here. */
  readonly present: boolean;
  readonly show: FindOutput;
}

/** How what was found is shown. */
export type FindOutput =
  | { readonly as: 'json' }
  /** What is printed of a name, its end included. */
  | { readonly as: 'names'; readonly print: (name: ByteString) => ByteString }
  | { readonly as: 'format'; readonly format: readonly FormatPiece[] };

/** Lists the selected items: by file, or by key where there is none. */
export async function find(
  objects: Pick<ObjectStore, 'locate'>,
  { selection, present, show }: FindRequest,
  { emit, signal }: OperationContext,
): Promise<Outcome> {
  for await (const item of selection.items) {
    signal.throwIfAborted();
    if (present && objects.locate(item.key) === undefined) {
      selection.nothingFor(item);
      continue;
    }
    const file = fileOf(item);
    if (show.as === 'names') {
      emit({ type: 'output', bytes: show.print(file ?? item.key) });
      continue;
    }
    const fields = keyFields(item.key);
    if (show.as === 'json') {
      const named = file === undefined ? {} : { file };
      emit({ type: 'record', fields: { ...fields, ...named, 'error-messages': [] } });
    } else {
      const bytes = fillFormat(show.format, (name) => (name === 'file' ? file : fields[name]));
      emit({ type: 'output', bytes });
    }
  }
  return { failed: selection.unknown > 0 ? 1 : 0, stoppedByLimit: false };
}

/** What a branch's file is called inside the branch. */
function fileOf(item: Item): ByteString | undefined {
  return item.branchPath ?? item.shown;
}
