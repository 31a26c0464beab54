import { AnnexError } from '../../domain/errors.js';
import { type Key, parseKey } from '../../domain/key.js';
import { checkFieldName, isAutomatic, type MetadataEdit } from '../../domain/metadata.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Item } from '../select/item.js';
import { fileItem } from '../select/select.js';
import { editAll, tellMetadata } from './metadata.js';

interface Line {
  readonly file: ByteString | undefined;
  readonly key: Key | undefined;
  readonly edits: readonly MetadataEdit[];
}

/**
 * Answers JSON objects that name a file or a key with its metadata; their `fields` replace what is set. A file that is not
 * annexed is answered with an empty line. Throws `usage` for a line that makes no sense.
 * @param cwd absolute
 */
export async function metadataBatch(
  here: Repository,
  lines: AsyncIterable<ByteString>,
  cwd: ByteString,
  context: OperationContext,
): Promise<Outcome> {
  for await (const text of lines) {
    context.signal.throwIfAborted();
    const line = parseLine(text);
    const item = await itemOf(here, line, cwd, text);
    if (item === undefined) {
      context.emit({ type: 'blank' });
      continue;
    }
    const [state] = await editAll(here.branch, [item], line.edits);
    if (state !== undefined) tellMetadata(item, state, context);
  }
  return { failed: 0, stoppedByLimit: false };
}

async function itemOf(
  here: Repository,
  { file, key }: Line,
  cwd: ByteString,
  text: ByteString,
): Promise<Item | undefined> {
  if (key !== undefined) return { key, path: undefined, shown: undefined, input: [text], unlocked: false };
  const item = await fileItem(here, cwd, file as ByteString);
  return item === undefined ? undefined : { ...item, input: [text] };
}

function parseLine(text: ByteString): Line {
  const value = parsed(text);
  if (!isObject(value)) throw failure('a JSON object is expected');
  const { file, key, fields } = value;
  if (file !== undefined && typeof file !== 'string') throw failure('"file" is no string');
  const parsedKey = typeof key === 'string' ? parseKey(fromText(key)) : undefined;
  if (key !== undefined && parsedKey === undefined) throw failure('"key" is no key');
  if (file === undefined && parsedKey === undefined)
    throw failure('JSON input is missing either file or key');
  return {
    key: parsedKey,
    file: file === undefined ? undefined : fromText(file),
    edits: fields === undefined ? [] : editsOf(fields),
  };
}

function parsed(text: ByteString): unknown {
  try {
    return JSON.parse(toText(text));
  } catch {
    throw failure('this is no JSON');
  }
}

function editsOf(fields: unknown): MetadataEdit[] {
  if (!isObject(fields)) throw failure('"fields" is no object');
  return Object.entries(fields).flatMap(([name, values]): MetadataEdit[] => {
    const field = checkFieldName(fromText(name), 'Batch input parse failure: ');
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw failure(`the values of "${name}" are no list of strings`);
    }
    return isAutomatic(field) ? [] : [{ type: 'replace', field, values: values.map(fromText) }];
  });
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failure(text: string): AnnexError {
  return new AnnexError('usage', `Batch input parse failure: ${text}`);
}
