import { statSync } from 'node:fs';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Session, SessionOptions } from '../transfer/session.js';
import type { SyncRemote } from './choose-remotes.js';
import { readDependencies } from './content-dependencies.js';
import { createFilesOf } from '../select/files-of-key.js';
import { findPartners, type Ways } from './content-partners.js';
import type { PassRules } from './content-pass.js';
import { createWishes } from './content-wishes.js';
import type { SyncPlan, SyncRequest } from './sync-request.js';

/** Everything that decides what a pass does, as far as it does not depend on single contents. */
export interface ContentScene {
  readonly rules: PassRules;
  readonly ways: Ways;
  /** Whose contents the pass sees to, this repository included where it may drop here. */
  readonly repositories: readonly Uuid[];
  /** What besides the git-annex branch and the work tree the decisions about a repository depend on. */
  readonly choices: (uuid: Uuid) => string;
  /** Whether what is decided once stays decided until something is seen to change. */
  readonly steady: boolean;
}

export interface SceneOptions {
  readonly plan: Pick<SyncPlan, 'pull' | 'push'>;
  readonly request: Pick<SyncRequest, 'all' | 'contentOf' | 'remotes' | 'fast'>;
  readonly remotes: readonly SyncRemote[];
  readonly dropHere: boolean;
  readonly broken: ReadonlySet<Uuid>;
  readonly options: SessionOptions;
}

export async function setScene(session: Session, scene: SceneOptions): Promise<ContentScene> {
  const { here, policy, limits } = session;
  const { clusters } = policy.known;
  const { partners, ways } = findPartners(session, scene);
  const nodes = partners.flatMap((partner) => partner.nodes ?? []);
  const repositories = partners.map(({ uuid }) => uuid);
  if (scene.dropHere) repositories.push(here.uuid);
  const dependencies = await readDependencies(here.branch, [here.uuid, ...repositories, ...nodes]);
  const wishes = createWishes({ policy, dependencies, clusters, filesOf: createFilesOf(here) });
  const rules: PassRules = {
    here: here.uuid,
    partners,
    sources: [...new Set(session.entries.flatMap(({ remote }) => remote?.uuid ?? []))].filter((source) =>
      partners.some(({ uuid, get }) => get && uuid === source),
    ),
    speculative: session.speculative,
    dropHere: scene.dropHere,
    clusters,
    wishes,
    admits: (key) => limits.admits(key),
    broken: scene.broken,
  };
  return {
    rules,
    ways,
    repositories,
    choices: choicesOf(session, scene, rules),
    steady: !dependencies.unseen,
  };
}

function choicesOf(
  { here }: Session,
  { request, options }: SceneOptions,
  { partners }: PassRules,
): (uuid: Uuid) => string {
  const { settings, location } = here;
  const setting = (name: string) => settings.get(name) ?? null;
  const attributeFiles = [`${location.commonDir}/info/attributes`, settings.get('core.attributesfile')];
  const common = {
    all: request.all,
    options: [options.numcopies, options.mincopies, options.semitrust, options.untrust],
    config: [
      setting('annex.numcopies'),
      ...settings.subsections('remote').map((name) => [name, setting(`remote.${name}.annex-trustlevel`)]),
    ],
    attributes: attributeFiles.map((path) => (path === undefined ? null : stateOf(path as ByteString))),
  };
  return (uuid) => JSON.stringify({ ...common, partner: partners.find((partner) => partner.uuid === uuid) });
}

function stateOf(path: ByteString): readonly number[] | null {
  const stats = statSync(toPath(path), { throwIfNoEntry: false });
  return stats === undefined ? null : [stats.size, stats.mtimeMs];
}
