import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { runGitConfig } from '../../repository/settings/git-config.js';
import { readOperand } from '../select/operands.js';
import { BRANCH_SETTINGS } from '../../domain/logs/config-log.js';
import { readBranchSetting } from './config.js';

export interface OriginRequest {
  readonly name: ByteString;
  /** The file whose attributes are looked at. */
  readonly file: ByteString | undefined;
  /** Absolute. */
  readonly cwd: ByteString;
}

type Source = 'config' | 'attributes' | 'branch';

/** Where git-annex looks for a setting, the place that wins first. */
const SOURCES: Readonly<Record<string, readonly Source[]>> = {
  'annex.numcopies': ['attributes', 'branch', 'config'],
  'annex.mincopies': ['attributes', 'branch'],
  'annex.largefiles': ['config', 'attributes', 'branch'],
  'annex.backend': ['config', 'attributes'],
};

/** `config --show-origin`: prints the place that a setting comes from, a tab, and its value there. */
export async function showOrigin(
  repository: Repository,
  request: OriginRequest,
  { emit }: OperationContext,
): Promise<Outcome> {
  const { name, file } = request;
  const sources = SOURCES[name] ?? (BRANCH_SETTINGS.has(name) ? ['config', 'branch'] : ['config']);
  for (const source of sources) {
    if (source === 'attributes' && file === undefined) {
      const text = `  ${toText(name)} may be configured in gitattributes. Pass --for-file= with a filename to check`;
      emit({ type: 'warning', text });
      continue;
    }
    const line = await LOOK_UP[source](repository, request);
    if (line === undefined) continue;
    emit({ type: 'output', bytes: `${line}\n` as ByteString });
    return { failed: 0, stoppedByLimit: false };
  }
  emit({ type: 'warning', text: `  ${toText(name)} is not configured` });
  return { failed: 1, stoppedByLimit: false };
}

type LookUp = (repository: Repository, request: OriginRequest) => Promise<string | undefined>;

const LOOK_UP: Readonly<Record<Source, LookUp>> = {
  async config(_, { name, cwd }) {
    const output = await runGitConfig(cwd, ['--show-origin', '-z', '--get', name], [1]);
    if (output === '') return undefined;
    const [origin = '', value = ''] = output.split('\0');
    return `${origin}\t${value}`;
  },
  async attributes({ git, location }, { name, file, cwd }) {
    if (location.workTree === undefined) {
      throw new AnnexError('usage', 'a bare repository has no files with attributes');
    }
    const { path } = readOperand(file as ByteString, cwd, location.workTree);
    for await (const value of git.attribute(name, [path])) {
      if (value !== undefined && value !== '') return `gitattributes\t${value}`;
    }
    return undefined;
  },
  async branch({ branch }, { name }) {
    const value = await readBranchSetting(branch, name);
    return value === undefined ? undefined : `branch:git-annex\t${value}`;
  },
};
