import type { Emit, JsonValue } from '../../domain/events.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { escapeControls } from '../repositories/escape-controls.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { SizeWords } from './key-totals.js';

/** One fact that `info` tells: a line in text, a field in JSON. */
export interface Stat {
  readonly name: string;
  readonly json: JsonValue;
  /** What follows `NAME: `, without the last newline. */
  readonly text: string;
}

/** A fact of one line, the same in JSON. */
export function stat(name: string, value: string | number, remark = ''): Stat {
  return { name, json: value, text: `${value}${remark}` };
}

/** A number of repositories, and which. */
export function repositoryList(name: string, uuids: readonly Uuid[], known: KnownRepositories): Stat {
  const lines = uuids.map((uuid) => `\n\t${escapeControls(known.line(uuid))}`);
  return { name, json: uuids.map((uuid) => known.entry(uuid)), text: `${uuids.length}${lines.join('')}` };
}

/** Repositories with the bytes they hold, the largest first; `heading` is what stands above them. */
export function sizesOf(
  name: string,
  heading: string,
  sizes: ReadonlyMap<Uuid, number>,
  { known, words }: { readonly known: KnownRepositories; readonly words: SizeWords },
): Stat {
  const sorted = [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const texts = sorted.map(([, bytes]) => words.short(bytes));
  const width = Math.max(0, ...texts.map((text) => text.length));
  const lines = sorted.map(
    ([uuid], i) => `\n\t${texts[i]?.padStart(width)}: ${escapeControls(known.line(uuid))}`,
  );
  const json = sorted.map(([uuid], i) => {
    const { description, here } = known.entry(uuid);
    return { description, here, size: texts[i] ?? '', uuid };
  });
  return { name, json, text: `${heading}${lines.join('')}` };
}

/** What a set of facts is about. */
export interface Subject {
  /** JSON field `command`. */
  readonly command: ByteString;
  readonly input: readonly ByteString[];
}

/** Shows facts as they come in text, and together as one JSON record. */
export async function showStats(
  { command, input }: Subject,
  stats: AsyncIterable<Stat>,
  emit: Emit,
): Promise<void> {
  const fields: Record<string, JsonValue> = { command, 'error-messages': [], input, success: true };
  for await (const { name, json, text } of stats) {
    fields[name] = json;
    emit({ type: 'output', bytes: `${name}: ${text}\n` as ByteString });
  }
  emit({ type: 'record', fields });
}
