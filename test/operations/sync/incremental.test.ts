import {
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnnexEvent } from '../../../src/domain/events.js';
import { groupLog } from '../../../src/domain/logs/group-log.js';
import { numcopiesLog } from '../../../src/domain/logs/numcopies-log.js';
import { preferredContentLog, requiredContentLog } from '../../../src/domain/logs/preferred-content-log.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii, type ByteString, fromText } from '../../../src/lib/bytes.js';
import { drop } from '../../../src/operations/drop/drop.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { satisfy } from '../../../src/operations/sync/satisfy.js';
import type { SyncRequest } from '../../../src/operations/sync/sync-request.js';
import { planOnly } from '../../../src/operations/sync-plan/plan-sync.js';
import { createLogClock } from '../../../src/repository/branch/log-clock.js';
import { createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { addIn, cloned, operate } from '../transfer/run-operation.js';

/** Steps of a history; more by hand: `HISTORY_STEPS=1000 HISTORY_SEED=2 npx vitest run test/operations/sync/incremental.test.ts`. */
const steps = Number(process.env['HISTORY_STEPS'] ?? 12);
const seed = Number(process.env['HISTORY_SEED'] ?? 1);

let sandbox: Sandbox;
let a: string;
let uuids: Uuid[];

beforeAll(async () => {
  sandbox = createSandbox();
  a = sandbox.annex('a');
  for (const name of ['x1', 'x2', 'y1', 'y2']) writeFileSync(join(a, name), `${name}${name}`);
  await addIn(a, []);
  run('git', ['commit', '-qm', 'files'], a);
  const clones = ['b', 'c'].map((name) => {
    const path = cloned(a, join(sandbox.directory, name));
    run('git', ['remote', 'add', name, path], a);
    return path;
  });
  uuids = [a, ...clones].map((path) => run('git', ['config', 'annex.uuid'], path) as Uuid);
});
afterAll(() => sandbox.remove());

/** A small generator (mulberry32), so that a seed names a history. */
function dice(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const wishes = [
  ...['', 'anything', 'nothing', 'include=x*', 'exclude=x*', 'present', 'largerthan=3'],
  ...['not copies=2', 'copies=2', 'approxlackingcopies=1', 'not inallgroup=g', 'onlyingroup=g', 'standard'],
  'include=y* or lackingcopies=1',
];
const request: SyncRequest = {
  ...{ remotes: [], commit: false, pull: true, push: true, content: true, contentOf: [], all: false },
  ...{ onlyAnnex: undefined, cleanup: false, resolveMerge: undefined, allowUnrelatedHistories: false },
  ...{ messages: [], fast: false, full: false, addNew: false, maxDelete: undefined, manner: 'attended' },
  cwd: ascii('/'),
};

function listening() {
  const events: AnnexEvent[] = [];
  const emit = (event: AnnexEvent) => void events.push(event);
  const moves = () =>
    events.flatMap((event) => {
      if (event.type === 'end') return [`${event.action.command} ${event.action.file} ${event.success}`];
      return event.type === 'record' &&
        event.fields['file'] !== undefined &&
        event.fields['action'] !== 'keep'
        ? [JSON.stringify(event.fields)]
        : [];
    });
  return { context: { emit, signal: new AbortController().signal, jobs: 1 }, moves };
}

/** A content pass that looks at what changed; gives what it did. */
async function pass(): Promise<string[]> {
  const { context, moves } = listening();
  const here = await openRepository(fromText(a));
  try {
    await satisfy(here, { ...request, cwd: fromText(a) }, context, { openRepository });
  } finally {
    await here.close();
  }
  return moves();
}

/** What a look at everything would do. */
async function fullLook(): Promise<string[]> {
  const { context, moves } = listening();
  const here = await openRepository(fromText(a), { readOnly: true });
  const manner = { explain: false, check: false };
  const kind = { command: 'satisfy', contentByDefault: true } as const;
  try {
    await planOnly(here, { ...request, cwd: fromText(a) }, context, kind, { openRepository }, manner);
  } finally {
    await here.close();
  }
  return moves();
}

async function changeLog(path: ByteString, change: (content: ByteString) => ByteString): Promise<void> {
  const here = await openRepository(fromText(a));
  await here.branch.change([{ path, change }]);
  await here.close();
}

/** Something happens; gives what, for the message of a failure. */
async function happen(roll: (below: number) => number, step: number): Promise<string> {
  const uuid = uuids[roll(3)] as Uuid;
  const now = createLogClock().now();
  const tracked = run('git', ['ls-files'], a)
    .split('\n')
    .filter((name) => /^[xy]/.test(name));
  const file = tracked[roll(tracked.length)] ?? 'x1';
  const fresh = `${'xy'[roll(2)]}${step + 10}`;
  switch (roll(11)) {
    case 0:
    case 1:
    case 2: {
      const wish = wishes[roll(wishes.length)] as string;
      await changeLog(preferredContentLog.path, (log) =>
        preferredContentLog.set(log, uuid, ascii(wish), now),
      );
      return `wanted ${uuid} ${wish}`;
    }
    case 3: {
      const wish = ['', 'include=x*', 'include=y1'][roll(3)] as string;
      await changeLog(requiredContentLog.path, (log) => requiredContentLog.set(log, uuid, ascii(wish), now));
      return `required ${uuid} ${wish}`;
    }
    case 4: {
      const groups = new Set([['g'], ['client'], ['g', 'archive'], []][roll(4)] as ByteString[]);
      await changeLog(groupLog.path, (log) => groupLog.set(log, uuid, groups, now));
      return `group ${uuid} ${[...groups]}`;
    }
    case 5: {
      const number = 1 + roll(2);
      await changeLog('numcopies.log' as ByteString, (log) => numcopiesLog.set(log, number, now));
      return `numcopies ${number}`;
    }
    case 6:
      run('git', ['mv', file, fresh], a);
      return `mv ${file} ${fresh}`;
    case 7:
      if (tracked.length > 3) run('git', ['rm', '-q', '--cached', file], a);
      if (tracked.length > 3) run('rm', ['-f', file], a);
      return `rm ${file}`;
    case 8:
      writeFileSync(join(a, fresh), `content ${fresh}`);
      await addIn(a, [join(a, fresh)]);
      return `add ${fresh}`;
    case 9: {
      const from = join(a, file);
      if (!existsSync(join(a, fresh)) && lstatSync(from).isSymbolicLink()) {
        symlinkSync(readlinkSync(from), join(a, fresh));
      } else if (!existsSync(join(a, fresh))) copyFileSync(from, join(a, fresh));
      run('git', ['add', fresh], a);
      return `cp ${file} ${fresh}`;
    }
    default: {
      const lines = [`${file} annex.numcopies=2`, ''][roll(2)] as string;
      const path = join(a, '.gitattributes');
      const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
      writeFileSync(path, `${lines}\n`);
      if (old !== `${lines}\n`) run('git', ['add', '.gitattributes'], a);
      const from = ['b', 'c'][roll(2)] as string;
      await operate(a, (session, selection) => drop(session, selection, { from: ascii(from), auto: false }), {
        operands: [fromText(join(a, file))],
      });
      return `attributes ${lines}; drop ${file} --from ${from}`;
    }
  }
}

it('looks at all that has to be looked at: after any history a full look finds nothing more to do', async () => {
  const roll = dice(seed);
  const history: string[] = [];
  for (let step = 0; step < steps; step++) {
    history.push(await happen(roll, step));
    let passes = 0;
    while ((await pass()).length > 0) expect(++passes, history.slice(-5).join('\n')).toBeLessThan(6);
    expect(await fullLook(), history.slice(-5).join('\n')).toEqual([]);
  }
}, 3_600_000);
