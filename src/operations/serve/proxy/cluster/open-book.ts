import { locationLogPath } from '../../../../domain/hash-directories.js';
import { locationState, presentLocations, setLocation } from '../../../../domain/logs/location-log.js';
import { isClusterUuid, type Uuid } from '../../../../domain/uuid.js';
import type { ByteString } from '../../../../lib/bytes.js';
import type { BranchChange } from '../../../../repository/branch/annex-branch.js';
import { createLogClock } from '../../../../repository/branch/log-clock.js';
import type { Repository } from '../../../../repository/repository.js';
import { loadPolicy } from '../../../policy/load-policy.js';
import type { Policy } from '../../../policy/policy.js';
import type { ClusterBook } from './member.js';

/** Milliseconds for which the rules are not read again. */
const FRESH = 5000;

export interface ClusterBookOptions {
  readonly warn: (text: string) => void;
  /** Called when something was recorded. */
  readonly onRecord: () => void;
}

/** What a gateway knows of contents: its location logs and preferred content, as its own git-annex branch has them. */
export function openClusterBook(here: Repository, { warn, onRecord }: ClusterBookOptions): ClusterBook {
  const clock = createLogClock();
  let rules: { readonly policy: Promise<Policy>; readonly read: number } | undefined;
  const currentPolicy = (): Promise<Policy> => {
    const now = performance.now();
    if (rules === undefined || now - rules.read > FRESH) {
      const policy = loadPolicy(here, [], { warn });
      policy.catch(() => {
        rules = undefined;
      });
      rules = { policy, read: now };
    }
    return rules.policy;
  };
  return {
    locations: async (key) => new Set(presentLocations(await here.branch.read(locationLogPath(key)))),
    async wants(node, key, file, locations) {
      const { rules: content } = await currentPolicy();
      if (!content.restricts(node)) return undefined;
      const path = file === '' ? undefined : file;
      const item = { key, path, shown: path, input: [], unlocked: false, log: logOf(locations) };
      return (await content.preferred(node, [item], 'get'))[0];
    },
    async asksNames(nodes) {
      const { rules: content } = await currentPolicy();
      return nodes.some((node) => content.asksNames(node));
    },
    async record(key, nodes, state) {
      if (nodes.length === 0) return;
      const value = state === 'present' ? '1' : '0';
      const changed = new Set<Uuid>();
      const now = clock.now();
      const change = (uuid: Uuid): BranchChange => ({
        path: locationLogPath(key),
        about: uuid,
        change(log) {
          if (!isNews(locationState(log, uuid), value)) return log;
          changed.add(uuid);
          return setLocation(log, uuid, value, now);
        },
      });
      await here.branch.change(nodes.filter((uuid) => !isClusterUuid(uuid)).map(change));
      if (changed.size === 0) return;
      const content = (await rules?.policy)?.rules;
      for (const uuid of changed) content?.moved(uuid, key, state === 'present' ? 'came' : 'went');
      onRecord();
    },
  };
}

/** That a node has a content not is only news where it was thought to have it. */
function isNews(recorded: string | undefined, value: '0' | '1'): boolean {
  return value === '1' ? recorded !== '1' : recorded === '1';
}

/** A location log that says where a content is by now. */
function logOf(locations: ReadonlySet<Uuid>): ByteString {
  return [...locations].map((uuid) => `0s 1 ${uuid}\n`).join('') as ByteString;
}
