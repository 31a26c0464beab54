import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Subject } from './scene.js';

/** What the benchmarks of transfers are told on the command line. */
export interface TransferOptions {
  /** Small files where the other side is near, and where it is far. */
  readonly files: number;
  readonly far: number;
  /** Bytes of the big file. */
  readonly big: number;
  /** Whether a case of that name was asked for. */
  readonly chosen: (name: string) => boolean;
  readonly rounds: number;
  readonly help: boolean;
}

export function readTransferOptions(usual: {
  readonly files: number;
  readonly far: number;
}): TransferOptions {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: String(usual.files) },
      far: { type: 'string', default: String(usual.far) },
      big: { type: 'string', default: '1024' },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  const { only, help } = values;
  const [files, far, rounds] = [values.files, values.far, values.rounds].map(Number) as [
    number,
    number,
    number,
  ];
  const chosen = (name: string) => only.length === 0 || only.some((text) => name.includes(text));
  return { files, far, big: Number(values.big) << 20, chosen, rounds, help };
}

/** Milliseconds of a round trip to what is far. */
export const ROUND_TRIP = 50;
export const ours: Subject = {
  name: 'git-annex-ts',
  command: [process.execPath, resolve('bin/git-annex-ts')],
};
export const theirs: Subject = { name: 'git-annex', command: ['git-annex'] };
