import { remoteLog } from '../../domain/logs/remote-log.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Outcome } from '../context.js';
import { escapeControls } from '../repositories/escape-controls.js';
import type { InfoScene } from './info-scene.js';
import { repositoriesOf, repositoryInfo } from './repository-info.js';
import { repositoryList, type Stat, showStats } from './stat.js';

const SUBJECT = { command: 'info' as ByteString, input: [] };
const DONE: Outcome = { failed: 0, stoppedByLimit: false };

/** `info` without items. */
export async function wholeInfo(scene: InfoScene): Promise<Outcome> {
  await showStats(SUBJECT, repositoryInfo(scene), scene.context.emit);
  return DONE;
}

/** `info --dead-repositories`, which no other info shows. */
export async function deadRepositoriesInfo(scene: InfoScene): Promise<Outcome> {
  const stats = async function* (): AsyncGenerator<Stat> {
    yield repositoryList('dead repositories', repositoriesOf(scene, 'dead'), scene.known);
  };
  await showStats(SUBJECT, stats(), scene.context.emit);
  return DONE;
}

/** `info --autoenable`: special remotes that clones use without being told. */
export async function autoenableInfo({ repository, known, context }: InfoScene): Promise<Outcome> {
  const configs = remoteLog.values(await repository.branch.read(remoteLog.path));
  const uuids = [...configs]
    .filter(([, config]) => isTrue(config.get('autoenable' as ByteString)))
    .map(([uuid]) => uuid)
    .sort();
  const lines = uuids.map((uuid) => `\t${escapeControls(known.line(uuid))}\n`).join('');
  context.emit({ type: 'output', bytes: `${lines}\n` as ByteString });
  context.emit({
    type: 'record',
    fields: {
      'autoenable special remotes': uuids.map((uuid) => known.entry(uuid)),
      ...SUBJECT,
      'error-messages': [],
      success: true,
    },
  });
  return DONE;
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:true|yes|on|1)$/i.test(value);
}
