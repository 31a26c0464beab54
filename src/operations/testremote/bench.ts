import type { Action, Emit } from '../../domain/events.js';
import type { Key } from '../../domain/key.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import type { OperationContext } from '../context.js';
import type { LocalSide, TestContent } from './case.js';
import { type BenchRow, measureReading, measureWriting } from './bench-rows.js';
import { cleanUp } from './clean-up.js';
import type { ContentPlan } from './contents.js';
import { formatTable } from './bench-table.js';

export interface BenchOptions {
  readonly remote: ByteString;
  readonly openRemote: () => Promise<Remote>;
  readonly here: LocalSide;
  /** The contents of the user to read, when nothing may be written. */
  readonly existing: readonly TestContent[] | undefined;
  /** Of the one big content, in bytes. */
  readonly size: number;
  readonly makeContent: (plan: ContentPlan) => TestContent;
  readonly noteKeys: (keys: readonly Key[]) => void;
  readonly action: Action | undefined;
}

/** Small contents that are sent in one stream, and their size in bytes. */
const SMALL = { count: 100, size: 1000 };
const CLEANING = { interrupted: false, patience: 60_000 };

/** Measures how fast a remote does what it does, and shows a table. What was stored is removed again. */
export async function benchmark(options: BenchOptions, { emit, signal }: OperationContext): Promise<void> {
  const { here, existing } = options;
  const remote = await options.openRemote();
  const show = (rows: readonly BenchRow[]) => tell(rows, options, emit);
  try {
    if (existing !== undefined) {
      show(await measureReading({ remote, here, contents: existing, signal }));
      return;
    }
    const plan = (size: number): ContentPlan => ({ size, kind: 'usual' });
    const small = Array.from({ length: SMALL.count }, () => options.makeContent(plan(SMALL.size)));
    const big = options.makeContent(plan(options.size));
    options.noteKeys([...small, big].map(({ key }) => key));
    try {
      const scene = { remote, here, signal };
      const rows = await measureWriting({ ...scene, contents: small }, { ...scene, contents: [big] });
      show(rows);
    } finally {
      await cleanUp(remote, here, [...small, big], CLEANING);
    }
  } finally {
    await remote.close();
  }
}

function tell(rows: readonly BenchRow[], { remote, action }: BenchOptions, emit: Emit): void {
  const of = action === undefined ? {} : { action };
  emit({ type: 'output', bytes: fromText(`\n${formatTable(rows)}`), ...of });
  for (const { what, keys, bytes, seconds, resumedAt } of rows) {
    const resumed = resumedAt === undefined ? {} : { 'resumed-at': resumedAt };
    const measured = { bench: what, bytes, command: 'testremote', keys, remote, ...resumed, seconds };
    emit({ type: 'record', fields: measured });
  }
}
