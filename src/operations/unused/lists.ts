import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import type { UnusedKind } from './unused-files.js';

/** Where unused content was looked for. */
export interface SearchedPlace {
  /** As the user named it; undefined: here. */
  readonly name: ByteString | undefined;
  /** The remote it can be dropped from; undefined: there is none. */
  readonly remote: ByteString | undefined;
}

/** git-annex's text for one list of numbered keys, in UTF-8 text for people. */
export function listText(
  kind: UnusedKind,
  keys: readonly Key[],
  first: number,
  { name, remote }: SearchedPlace,
): string {
  const place = name === undefined ? '' : toText(name);
  const headings = {
    unused:
      name === undefined
        ? 'Some annexed data is no longer used by any files:'
        : `Some annexed data on ${place} is not used by any files:`,
    bad: 'Some corrupted files have been preserved by fsck, just in case:',
    tmp: 'Some partially transferred data exists in temporary files:',
  };
  const rows = keys.map((key, i) => `  ${String(first + i).padEnd(6)}  ${toText(key)}`);
  const see =
    kind === 'unused'
      ? ['(To see where this data was previously used, run: git annex whereused --historical --unused']
      : [];
  const from = remote === undefined ? '' : `--from ${toText(remote)} `;
  const advice =
    name !== undefined && remote === undefined
      ? []
      : ['', `To remove unwanted data: git-annex dropunused ${from}NUMBER`, ''];
  return `${[headings[kind], '  NUMBER  KEY', ...rows, ...see, ...advice].join('\n')}\n`;
}
