import { statSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { parseBackend } from '../../domain/backends.js';
import { type Key, formatKey, keyBackend, keyParts, keySize } from '../../domain/key.js';
import { defaultExtensionLimits } from '../../domain/extension.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import { createKeyMaker, type KeyMaker, usualBackend } from '../add/make-key.js';
import { openScratch, type ScratchFolder } from '../add/scratch.js';
import { type Staged, stageAll } from '../add/stage.js';
import { attempt } from '../attempt.js';
import type { OperationContext, Outcome } from '../context.js';
import { isImprovable } from '../fsck/improvable-key.js';
import { recordStaged } from '../from-key/key-files.js';
import { migrated } from '../keys-info/examine-key.js';
import { duplicateObject, relinkFile, verifiedObject } from '../rekey/relink.js';
import { type Attributes, createAttributes } from '../select/attributes.js';
import { actionOf, type Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import { copyKnowledge } from './copy-knowledge.js';
import { type FileMigration, recordMigrations } from './migrations.js';

export interface MigrateRequest {
  readonly backend: ByteString | undefined;
  readonly removeSize: boolean;
  /** Whether keys of the right backend are made anew too. */
  readonly force: boolean;
}

interface Run extends MigrateRequest {
  readonly here: Repository;
  readonly context: OperationContext;
  readonly attributes: Attributes;
  readonly scratch: ScratchFolder;
  readonly makers: Map<ByteString, KeyMaker>;
}

/** Files whose changes are staged and recorded together. */
const TOGETHER = 1000;

/** Makes files stand for keys of another backend; their contents stay under the old keys as well: `migrate`. */
export async function migrate(
  here: Repository,
  selection: Selection,
  request: MigrateRequest,
  context: OperationContext,
): Promise<Outcome> {
  if (request.backend !== undefined) await createKeyMaker(request.backend, here.settings);
  const scratch = await openScratch(here.annexDir, context.signal);
  const run: Run = {
    ...request,
    here,
    context,
    scratch,
    attributes: createAttributes(here),
    makers: new Map(),
  };
  const staged: Staged[] = [];
  const migrations: FileMigration[] = [];
  let failed = 0;
  let any = false;
  const settle = async () => {
    const done = migrations.splice(0);
    await copyKnowledge(here.branch, done);
    await recordLocations(
      here,
      done.map(({ to }) => to),
      here.uuid,
      'present',
    );
    await stageAll(here, staged.splice(0), context.signal);
    await recordMigrations(here, done);
  };
  try {
    for await (const item of selection.items) {
      context.signal.throwIfAborted();
      const object = here.objects.locate(item.key);
      const backend = object === undefined ? undefined : await backendFor(run, item);
      if (object === undefined || backend === undefined) continue;
      const result = await migrateOne(run, item, object, backend);
      if (result === undefined) failed++;
      else {
        any = true;
        staged.push(result.staged);
        const { path, mode } = result.staged;
        const unlocked = mode !== '120000';
        if (result.to !== item.key) migrations.push({ from: item.key, to: result.to, path, unlocked });
      }
      if (staged.length >= TOGETHER) await settle();
    }
  } finally {
    await settle();
    await here.unlocked.flush();
    scratch.release();
    await recordStaged(here, context.emit, any);
  }
  return { failed: failed + selection.unknown, stoppedByLimit: false };
}

/** The backend to migrate to; undefined: the key is right as it is. */
async function backendFor(run: Run, { key, path }: Item): Promise<ByteString | undefined> {
  const [attribute] = path === undefined ? [] : await run.attributes.values('annex.backend', [path]);
  const backend = run.backend ?? attribute ?? usualBackend(run.here.settings);
  const sized = keySize(key) !== undefined;
  const wanted =
    run.force || keyBackend(key) !== backend || isImprovable(key) || (run.removeSize ? sized : !sized);
  return wanted ? backend : undefined;
}

async function migrateOne(
  run: Run,
  item: Item,
  object: ByteString,
  backend: ByteString,
): Promise<{ staged: Staged; to: Key } | undefined> {
  const { here, context, scratch } = run;
  const running = createRunningAction({ ...actionOf('migrate', item) }, context.emit);
  let result: { staged: Staged; to: Key } | undefined;
  await attempt(running, async () => {
    await checkOld(run, item, object, running);
    const to = await newKey(run, item, object, backend, running);
    await duplicateObject(here, object, to, scratch.name);
    result = { staged: await relinkFile(here, item, to, scratch.name), to };
    return undefined;
  });
  return result;
}

async function checkOld(
  { here }: Run,
  item: Item,
  object: ByteString,
  running: RunningAction,
): Promise<void> {
  try {
    await verifiedObject(here, object, item.key, running.note);
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    const bad = here.objects.quarantine(item.key);
    await recordLocations(here, [item.key], here.uuid, 'absent');
    const name = toText(item.shown ?? item.key);
    const place = bad.slice(bad.lastIndexOf('.git/annex/bad/'));
    throw new AnnexError('content-corrupt', `${name}: Bad file content; moved to ${place}`);
  }
}

async function newKey(
  run: Run,
  { key, path }: Item,
  object: ByteString,
  backend: ByteString,
  running: RunningAction,
): Promise<Key> {
  const { here } = run;
  const limits = {
    length: here.settings.int('annex.maxextensionlength', defaultExtensionLimits.length),
    count: here.settings.int('annex.maxextensions', defaultExtensionLimits.count),
  };
  const fast = isImprovable(key) ? undefined : migrated(key, backend, path, limits);
  if (fast !== undefined) return sized(fast, run.removeSize, object);
  if (parseBackend(backend).type === 'hash') running.note('checksum...');
  let maker = run.makers.get(backend);
  if (maker === undefined) {
    maker = await createKeyMaker(backend, here.settings);
    run.makers.set(backend, maker);
  }
  const made = await maker.make(object, path ?? key, { signal: run.context.signal });
  return sized(made, run.removeSize, object);
}

function sized(key: Key, removeSize: boolean, object: ByteString): Key {
  const { size, ...parts } = keyParts(key);
  if (removeSize) return formatKey(parts);
  return size === undefined ? formatKey({ ...parts, size: statSync(toPath(object)).size }) : key;
}
