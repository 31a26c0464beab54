import { AnnexError } from '../../domain/errors.js';
import { keyLogPath } from '../../domain/hash-directories.js';
import { changeMetadata, type Metadata, parseMetadata } from '../../domain/logs/metadata-log.js';
import { type MetadataEdit, metadataChanges, shownMetadata, valuesOf } from '../../domain/metadata.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { actionOf, type Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { logClock } from '../settings-log/log-clock.js';

export type MetadataWork =
  | { readonly type: 'show' }
  | { readonly type: 'get'; readonly field: ByteString }
  | {
      readonly type: 'edit';
      readonly edits: readonly MetadataEdit[];
      /** Whether an operand may stand for several files. */
      readonly recursive: boolean;
    };

/** Keys whose logs are read or changed together. */
const BATCH = { items: 1000, linger: 20 };

/** Shows or changes the metadata of what was selected: `metadata`. */
export async function metadata(
  { branch }: Repository,
  selection: Selection,
  work: MetadataWork,
  context: OperationContext,
): Promise<Outcome> {
  const items =
    work.type === 'edit' && !work.recursive ? await onePerOperand(selection.items) : selection.items;
  for await (const batch of inBatches(items, selection.interactive ? { items: 1, linger: 0 } : BATCH)) {
    context.signal.throwIfAborted();
    const states =
      work.type === 'edit' ? await editAll(branch, batch, work.edits) : await readAll(branch, batch);
    for (const [i, item] of batch.entries()) {
      const state = states[i] as Metadata;
      if (work.type !== 'get') tellMetadata(item, state, context);
      else for (const value of valuesOf(state, work.field)) printLine(value, context);
    }
  }
  return { failed: selection.unknown, stoppedByLimit: false };
}

/** Throws `usage` when an operand stands for more than one file. */
async function onePerOperand(items: AsyncIterable<Item>): Promise<AsyncIterable<Item>> {
  const all: Item[] = [];
  const operands = new Set<ByteString | undefined>();
  for await (const item of items) {
    const operand = item.path === undefined ? undefined : item.input[0];
    if (operand !== undefined && operands.has(operand)) {
      throw new AnnexError('usage', 'Not recursively setting metadata. Use --force to do that.');
    }
    operands.add(operand);
    all.push(item);
  }
  return (async function* () {
    yield* all;
  })();
}

function printLine(value: ByteString, { emit }: OperationContext): void {
  emit({ type: 'output', bytes: `${value}\n` as ByteString });
}

type Branch = Repository['branch'];

async function readAll(branch: Branch, items: readonly Item[]): Promise<Metadata[]> {
  const states: Metadata[] = [];
  const paths = items.map(({ key }) => keyLogPath(key, 'metadata'));
  for await (const { content } of branch.readMany(paths)) states.push(parseMetadata(content));
  return states;
}

/** Gives the metadata as it is afterwards. */
export async function editAll(
  branch: Branch,
  items: readonly Pick<Item, 'key'>[],
  edits: readonly MetadataEdit[],
): Promise<Metadata[]> {
  const now = logClock();
  const after: ByteString[] = [];
  await branch.change(
    items.map(({ key }, i) => ({
      path: keyLogPath(key, 'metadata'),
      change: (content) => {
        const changed = changeMetadata(content, metadataChanges(edits, parseMetadata(content)), now);
        after[i] = changed;
        return changed;
      },
    })),
  );
  return after.map(parseMetadata);
}

/** One action that shows all fields. */
export function tellMetadata(item: Item, state: Metadata, { emit }: OperationContext): void {
  const action = actionOf('metadata', item);
  const shown = shownMetadata(state);
  const lines = shown.flatMap(([field, values]) =>
    values.map((value) => `${toText(field)}=${toText(value)}\n`),
  );
  emit({ type: 'start', action });
  emit({ type: 'long-note', action, text: lines.join('') });
  const fields = Object.fromEntries(shown.map(([field, values]) => [toText(field), values]));
  emit({ type: 'end', action, success: true, fields: { fields } });
}
