import { AnnexError } from '../../domain/errors.js';
import { parseClusters } from '../../domain/logs/cluster-log.js';
import { groupLog } from '../../domain/logs/group-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { fromBuffer } from '../../lib/buffers.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import { type LineChange, LOCKED_LOGS, type Locked, lockedChanges } from '../../planning/locked-lines.js';
import { parseConfigList } from '../../repository/settings/git-config.js';
import { gitInHook, hookObjects } from './pushed-logs.js';
import { isSignedBy } from './push-signer.js';

/** Refs of a push that are looked at, and bytes of the list of all. */
const MOST_REFS = 100;
const LONGEST_LIST = 16 << 20;
/** Lines that a refusal shows. */
const MOST_SHOWN = 10;

const BRANCH = 'refs/heads/git-annex';

/**
 * `git annex-ts check-push`, in the hook pre-receive of a gateway with `annex-ts.lockcluster`: refuses a push that would change
 * what is locked, by way of any ref that is merged into the git-annex branch. Gives the exit code.
 */
export async function run(_argv: readonly string[]): Promise<number> {
  try {
    const config = parseConfigList(fromBuffer(await gitInHook(['config', '--list', '-z'])));
    const updates = branchUpdates(await readList());
    if (updates.length === 0) return 0;
    const signers = (config.get('annex-ts.lockclustersigner') ?? []).map(toText);
    if (isSignedBy(signers, process.env)) return 0;
    const changes = await changesOf(updates, config);
    if (changes.length === 0) return 0;
    process.stderr.write(refusal(changes, signers.length > 0));
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    process.stderr.write(
      `git-annex-ts: annex-ts.lockcluster: refused, as the push cannot be checked: ${error.message}\n`,
    );
  }
  return 1;
}

interface RefUpdate {
  readonly ref: string;
  /** The commit that is pushed; undefined when the ref is to be deleted. */
  readonly commit: string | undefined;
}

/** `OLD NEW REF` lines: those of refs that git-annex merges. File systems may not tell upper from lower case. */
function branchUpdates(list: ByteString): RefUpdate[] {
  const updates = list.split('\n').flatMap((line): RefUpdate[] => {
    const [, commit, ref] = /^[0-9a-f]+ ([0-9a-f]+) (.*\/git-annex)$/i.exec(line) ?? [];
    if (commit === undefined || ref === undefined) return [];
    return [{ ref: ref.toLowerCase(), commit: /^0+$/.test(commit) ? undefined : commit }];
  });
  if (updates.length > MOST_REFS)
    throw new AnnexError('limit-reached', `it has more than ${MOST_REFS} git-annex branches`);
  return updates;
}

async function changesOf(
  updates: readonly RefUpdate[],
  config: ReadonlyMap<string, readonly ByteString[]>,
): Promise<LineChange[]> {
  const paths = LOCKED_LOGS.map(({ path }) => path);
  const own = await hookObjects.names(paths.map((path) => `${BRANCH}:${path}`));
  const held = await read(own);
  const locked = whatIsLocked(config, (path) => held[paths.indexOf(path)] as ByteString);
  const changes: LineChange[] = [];
  for (const { ref, commit } of updates) {
    const replaces = ref === BRANCH;
    if (commit === undefined && !replaces) continue;
    const given =
      commit === undefined
        ? paths.map(() => undefined)
        : await hookObjects.names(paths.map((path) => `${commit}:${path}`));
    const differ = LOCKED_LOGS.map((log, i) => ({ log, i })).filter(({ i }) => given[i] !== own[i]);
    const contents = await read(differ.map(({ i }) => given[i]));
    for (const [at, { log, i }] of differ.entries()) {
      changes.push(
        ...lockedChanges(log, held[i] as ByteString, contents[at] as ByteString, locked, replaces),
      );
    }
  }
  return changes;
}

/** The contents of files; empty where there is none. */
async function read(names: readonly (string | undefined)[]): Promise<ByteString[]> {
  const contents = await hookObjects.contents(names.filter((name) => name !== undefined));
  let at = 0;
  return names.map((name) => (name === undefined ? ascii('') : (contents[at++] as ByteString)));
}

/** This gateway, its clusters, their nodes, and the groups those are in. */
function whatIsLocked(
  config: ReadonlyMap<string, readonly ByteString[]>,
  log: (path: string) => ByteString,
): Locked {
  const repositories = new Set<ByteString>(config.get('annex.uuid') ?? []);
  const recorded = parseClusters(log('cluster.log'));
  for (const [name, values] of config) {
    if (name.startsWith('annex.cluster.')) {
      for (const cluster of values) {
        repositories.add(cluster);
        for (const node of recorded.get(cluster as Uuid) ?? []) repositories.add(node);
      }
    }
    const remote = /^remote\.(.*)\.annex-cluster-node$/s.exec(name)?.[1];
    for (const uuid of (remote && config.get(`remote.${remote}.annex-uuid`)) || []) repositories.add(uuid);
  }
  repositories.delete(ascii(''));
  const groups = new Set<ByteString>();
  for (const [uuid, all] of groupLog.values(log('group.log'))) {
    if (repositories.has(uuid)) for (const group of all) groups.add(group);
  }
  return { repositories, groups };
}

function refusal(changes: readonly LineChange[], hasSigners: boolean): string {
  const lines = changes.slice(0, MOST_SHOWN).map(({ path, line, kind }) => {
    return `  ${path}, ${kind === 'added' ? 'new line' : 'missing line'}: ${shown(line)}\n`;
  });
  if (changes.length > MOST_SHOWN) lines.push(`  and ${changes.length - MOST_SHOWN} more\n`);
  const sign = hasSigners ? ', or push signed by one who may (git config push.gpgSign if-asked)' : '';
  return (
    `git-annex-ts: refused: the git-annex branch that is pushed changes what this gateway locks (annex-ts.lockcluster):\n` +
    `${lines.join('')}Set it back to what it was${sign}.\n`
  );
}

/** A line for people; the pusher's terminal is not to be steered. */
function shown(line: ByteString): string {
  const text = toText(line.slice(0, 300) as ByteString);
  return `${text.replace(/\p{Cc}/gu, '?')}${line.length > 300 ? '...' : ''}`;
}

async function readList(): Promise<ByteString> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_LIST) throw new AnnexError('limit-reached', 'it has too many refs');
    chunks.push(chunk);
  }
  return fromBuffer(Buffer.concat(chunks));
}
