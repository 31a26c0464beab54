import { defaultExtensionLimits, type ExtensionLimits, keyExtension } from '../../domain/extension.js';
import { keyDigest, parseBackend } from '../../domain/backends.js';
import { AnnexError } from '../../domain/errors.js';
import type { Emit } from '../../domain/events.js';
import { objectPath } from '../../domain/hash-directories.js';
import { formatKey, type Key, keyParts } from '../../domain/key.js';
import { pointerContent } from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { FindOutput } from '../find/find.js';
import { fillFormat } from '../../lib/format-string.js';
import { type Questions, wordAsKey } from './answers.js';
import { keyFields } from './key-fields.js';

export interface ExamineKeyRequest {
  readonly questions: Questions;
  /** The folder of the contents, as seen from the current directory, and its kind of hash directories. */
  readonly objects: { readonly folder: ByteString; readonly directories: 'mixed' | 'lower' };
  /** Makes the key one of this backend, where that needs no hashing. */
  readonly migrateTo: ByteString | undefined;
  /** The file that the keys belong to. In words such as `KEY FILE` it comes with the key. */
  readonly file: ByteString | undefined;
  readonly show: FindOutput;
}

/** Prints what keys alone tell. */
export async function examineKey(request: ExamineKeyRequest, emit: Emit): Promise<void> {
  const { questions, show, migrateTo } = request;
  if (migrateTo !== undefined && parseBackend(migrateTo).type === 'unknown') {
    throw new AnnexError('usage', `unknown backend ${toText(migrateTo)}`);
  }
  for await (const word of questions.words) {
    const space = word.indexOf(' ');
    const file = space < 0 ? request.file : (word.slice(space + 1) as ByteString);
    const given = wordAsKey(space < 0 ? word : (word.slice(0, space) as ByteString));
    const key = migrateTo === undefined ? given : (migrated(given, migrateTo, file) ?? given);
    if (show.as === 'names') {
      emit({ type: 'output', bytes: show.print(key) });
      continue;
    }
    const fields = allFields(key, request.objects, file);
    if (show.as === 'json') emit({ type: 'record', fields: { ...fields, 'error-messages': [] } });
    else emit({ type: 'output', bytes: fillFormat(show.format, (name) => fields[name]) });
  }
}

function allFields(
  key: Key,
  { folder, directories }: ExamineKeyRequest['objects'],
  file: ByteString | undefined,
): { readonly [name: string]: ByteString } {
  return {
    ...keyFields(key),
    ...(file === undefined ? {} : { file }),
    objectpath: `${folder}/${objectPath(key, directories)}` as ByteString,
    objectpointer: pointerContent(key),
  };
}

/** The key with or without extension, where only that differs; undefined: it would have to be hashed again. */
export function migrated(
  key: Key,
  name: ByteString,
  file: ByteString | undefined,
  limits: ExtensionLimits = defaultExtensionLimits,
): Key | undefined {
  const parts = keyParts(key);
  const from = parseBackend(parts.backend);
  const to = parseBackend(name);
  if (from.type !== 'hash' || to.type !== 'hash') return undefined;
  if (from.family !== to.family || from.bits !== to.bits || from.extension === to.extension) return undefined;
  const extension = to.extension && file !== undefined ? keyExtension(file, limits) : '';
  if (to.extension && file === undefined) return undefined;
  return formatKey({ ...parts, backend: name, name: `${keyDigest(parts.name)}${extension}` as ByteString });
}
