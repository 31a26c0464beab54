import { configLogPath, parseConfigLog, setConfigLog } from '../../domain/logs/config-log.js';
import { groupLog } from '../../domain/logs/group-log.js';
import type { UuidLog } from '../../domain/logs/lines-by-uuid.js';
import { maxsizeLog, maxsizePath } from '../../domain/logs/maxsize-log.js';
import { mincopiesLog, numcopiesLog } from '../../domain/logs/numcopies-log.js';
import {
  groupPreferredContentLog,
  groupPreferredContentPath,
  preferredContentLog,
  requiredContentLog,
} from '../../domain/logs/preferred-content-log.js';
import { scheduleLog } from '../../domain/logs/schedule-log.js';
import { trustLog } from '../../domain/logs/trust-log.js';
import { formatSchedule, parseSchedule } from '../../domain/schedule.js';
import type { TrustLevel } from '../../domain/trust.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import type { VectorClock } from '../../domain/vector-clock.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch, BranchChange } from '../../repository/branch/annex-branch.js';
import { logClock } from '../settings-log/log-clock.js';

/** The settings of the git-annex branch that people edit, by repository, group or name. */
export interface SharedSettings {
  readonly trust: Map<Uuid, TrustLevel>;
  readonly groups: Map<Uuid, ReadonlySet<ByteString>>;
  readonly wanted: Map<Uuid, ByteString>;
  readonly groupWanted: Map<ByteString, ByteString>;
  readonly required: Map<Uuid, ByteString>;
  /** Bytes. */
  readonly maxsize: Map<Uuid, number>;
  /** Jobs in their canonical text. */
  readonly schedule: Map<Uuid, ByteString>;
  numcopies: number | undefined;
  mincopies: number | undefined;
  readonly config: Map<ByteString, ByteString>;
}

export function noSettings(): SharedSettings {
  return {
    trust: new Map(),
    groups: new Map(),
    wanted: new Map(),
    groupWanted: new Map(),
    required: new Map(),
    maxsize: new Map(),
    schedule: new Map(),
    numcopies: undefined,
    mincopies: undefined,
    config: new Map(),
  };
}

export async function readSharedSettings(branch: AnnexBranch): Promise<SharedSettings> {
  const read = (path: ByteString) => branch.read(path);
  const values = async <V>(log: UuidLog<V>) => log.values(await read(log.path));
  const groupWanted = groupPreferredContentLog.parse(await read(groupPreferredContentPath));
  const schedules = [...(await values(scheduleLog))].map(([uuid, text]) => [uuid, canonical(text)] as const);
  return {
    trust: await values(trustLog),
    groups: await values(groupLog),
    wanted: await values(preferredContentLog),
    groupWanted: new Map([...groupWanted].map(([group, { value }]) => [group, value])),
    required: await values(requiredContentLog),
    maxsize: await readMaxSizes(branch),
    schedule: new Map(schedules.filter(([, text]) => text !== '')),
    numcopies: atLeastOne(numcopiesLog.parse(await read(numcopiesLog.path))?.value),
    mincopies: atLeastOne(mincopiesLog.parse(await read(mincopiesLog.path))?.value),
    config: parseConfigLog(await read(configLogPath)),
  };
}

/** Empty for jobs that are not understood, as git-annex has it. */
function canonical(text: ByteString): ByteString {
  const jobs = parseSchedule(text);
  return typeof jobs === 'string' ? ('' as ByteString) : formatSchedule(jobs);
}

async function readMaxSizes(branch: AnnexBranch): Promise<Map<Uuid, number>> {
  const sizes = new Map<Uuid, number>();
  for (const [word, { value }] of maxsizeLog.parse(await branch.read(maxsizePath))) {
    const uuid = parseUuid(word);
    if (uuid !== undefined) sizes.set(uuid, value);
  }
  return sizes;
}

function atLeastOne(number: number | undefined): number | undefined {
  return number === undefined ? undefined : Math.max(1, number);
}

/**
 * The changes that make `before` into `after`. What `after` does not mention goes back to its default; the limits and the
 * numbers of copies, which have none, stay as they are.
 */
export function settingChanges(before: SharedSettings, after: SharedSettings): BranchChange[] {
  const now = logClock();
  const none = '' as ByteString;
  return [
    ...byUuid(trustLog, before.trust, after.trust, 'semitrusted', now),
    ...byUuid(groupLog, before.groups, after.groups, new Set(), now),
    ...byUuid(preferredContentLog, before.wanted, after.wanted, none, now),
    ...byUuid(requiredContentLog, before.required, after.required, none, now),
    ...byUuid(scheduleLog, before.schedule, after.schedule, none, now),
    ...changed(before.groupWanted, after.groupWanted, none).map(([group, text]) => ({
      path: groupPreferredContentPath,
      change: (content: ByteString) => groupPreferredContentLog.set(content, group, text, now),
    })),
    ...changed(before.maxsize, after.maxsize, undefined).map(([uuid, bytes]) => ({
      path: maxsizePath,
      about: uuid,
      change: (content: ByteString) => maxsizeLog.set(content, uuid, bytes, now),
    })),
    ...changed(before.config, after.config, none).map(([name, value]) => ({
      path: configLogPath,
      change: (content: ByteString) => setConfigLog(content, name, value, now),
    })),
    ...[numcopiesLog, mincopiesLog].flatMap((log, index) => {
      const number = index === 0 ? after.numcopies : after.mincopies;
      if (number === undefined || number === (index === 0 ? before.numcopies : before.mincopies)) return [];
      return [{ path: log.path, change: (content: ByteString) => log.set(content, number, now) }];
    }),
  ];
}

function byUuid<V>(
  log: UuidLog<V>,
  before: ReadonlyMap<Uuid, V>,
  after: ReadonlyMap<Uuid, V>,
  unset: V,
  now: VectorClock,
): BranchChange[] {
  return changed(before, after, unset).map(([uuid, value]) => ({
    path: log.path,
    about: uuid,
    change: (content) => log.set(content, uuid, value, now),
  }));
}

/** The entries of `after` that are not in `before`, and those only `before` has with the value `unset`, if there is one. */
function changed<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>, unset: V | undefined): [K, V][] {
  const entries: [K, V][] = [...after].filter(([key, value]) => !same(before.get(key), value));
  if (unset === undefined) return entries;
  for (const [key, value] of before) if (!after.has(key) && !same(value, unset)) entries.push([key, unset]);
  return entries;
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((one) => b.has(one));
  return a === b;
}
