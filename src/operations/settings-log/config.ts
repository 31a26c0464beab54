import { AnnexError } from '../../domain/errors.js';
import {
  BRANCH_SETTINGS,
  configLogPath,
  parseConfigLog,
  setConfigLog,
} from '../../domain/logs/config-log.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { OperationContext, Outcome } from '../context.js';
import { type CopiesSetting, readCopies, writeCopies } from './copies.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

export type ConfigChange =
  | { readonly name: ByteString; readonly value: ByteString }
  | { readonly name: ByteString; readonly value: undefined };

/** The value of a setting in the git-annex branch; undefined when it has none. */
export async function readBranchSetting(
  branch: AnnexBranch,
  name: ByteString,
): Promise<ByteString | undefined> {
  const copies = copiesSetting(name);
  if (copies === undefined) return parseConfigLog(await branch.read(configLogPath)).get(name);
  const number = await readCopies(branch, copies);
  return number === undefined ? undefined : (String(number) as ByteString);
}

/** `config --get`: prints the value, nothing where there is none. */
export async function getConfig(
  branch: AnnexBranch,
  name: ByteString,
  { emit }: OperationContext,
): Promise<Outcome> {
  assertBranchSetting(name);
  const value = await readBranchSetting(branch, name);
  if (value !== undefined) emit({ type: 'output', bytes: `${value}\n` as ByteString });
  return { failed: 0, stoppedByLimit: false };
}

/** `config --set`, and `--unset` where the value is undefined. */
export async function changeConfig(
  repository: Recorder,
  { name, value }: ConfigChange,
  { emit }: OperationContext,
): Promise<Outcome> {
  assertBranchSetting(name);
  if (value !== undefined && /[\r\n]/.test(value)) {
    throw new AnnexError('usage', `the value of ${toText(name)} may not hold a line break`);
  }
  const action = { command: name, subject: value ?? fromText('unset') };
  emit({ type: 'start', action });
  const problem = await apply(repository.branch, { name, value });
  emit({
    type: 'end',
    action,
    success: problem === undefined,
    ...(problem === undefined ? {} : { errors: [`git-annex: ${problem}`] }),
  });
  await recordState(repository, emit);
  return { failed: problem === undefined ? 0 : 1, stoppedByLimit: false };
}

/** Undefined when it was done, else what is wrong. */
async function apply(branch: AnnexBranch, { name, value }: ConfigChange): Promise<string | undefined> {
  const copies = copiesSetting(name);
  if (copies !== undefined) {
    if (value === undefined) return `unsetting ${name} is not supported`;
    if (!/^[ \t-\r]*\d{1,9}[ \t-\r]*$/.test(value)) return `invalid value for ${name}`;
    await writeCopies(branch, copies, Math.max(1, Number(value)));
    return undefined;
  }
  await branch.change([
    {
      path: configLogPath,
      change: (content) => setConfigLog(content, name, value ?? fromText(''), logClock()),
    },
  ]);
  return undefined;
}

/** numcopies and mincopies have logs of their own. */
function copiesSetting(name: ByteString): CopiesSetting | undefined {
  if (name === 'annex.numcopies') return 'numcopies';
  return name === 'annex.mincopies' ? 'mincopies' : undefined;
}

function assertBranchSetting(name: ByteString): void {
  if (BRANCH_SETTINGS.has(name)) return;
  throw new AnnexError(
    'usage',
    `${toText(name)} is not a configuration setting that can be stored in the git-annex branch`,
  );
}
