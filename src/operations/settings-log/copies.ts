import { AnnexError } from '../../domain/errors.js';
import { mincopiesLog, numcopiesLog } from '../../domain/logs/numcopies-log.js';
import type { NumberLog } from '../../domain/logs/single-value-log.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { OperationContext, Outcome } from '../context.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

export type CopiesSetting = 'numcopies' | 'mincopies';

const LOGS: Readonly<Record<CopiesSetting, NumberLog>> = { numcopies: numcopiesLog, mincopies: mincopiesLog };

/** The largest number that is certainly understood everywhere. */
const MOST = 2 ** 31 - 1;

/** The number that all repositories agreed on; undefined when there is none. At least 1. */
export async function readCopies(branch: AnnexBranch, setting: CopiesSetting): Promise<number | undefined> {
  const number = LOGS[setting].parse(await branch.read(LOGS[setting].path))?.value;
  return number === undefined ? undefined : Math.max(1, number);
}

/** Sets the number for all repositories; it is journalled, not committed. */
export async function writeCopies(
  branch: AnnexBranch,
  setting: CopiesSetting,
  number: number,
): Promise<void> {
  const log = LOGS[setting];
  await branch.change([{ path: log.path, change: (content) => log.set(content, number, logClock()) }]);
}

/** Shows the number of copies for all repositories, or sets it. */
export async function copiesCommand(
  repository: Recorder,
  setting: CopiesSetting,
  operands: readonly ByteString[],
  { emit }: OperationContext,
): Promise<Outcome> {
  const { branch, settings } = repository;
  const [word] = operands;
  if (operands.length > 1) throw new AnnexError('usage', 'Specify a single number.');
  if (word === undefined) {
    const number = await readCopies(branch, setting);
    emit({
      type: 'output',
      bytes: (number === undefined ? unsetText(setting, settings) : `${number}\n`) as ByteString,
    });
  } else {
    const number = parseCopies(setting, word);
    const action = { command: setting, subject: String(number) as ByteString, input: [word] };
    emit({ type: 'start', action });
    await writeCopies(branch, setting, number);
    emit({ type: 'end', action, success: true });
    await recordState(repository, emit);
  }
  return { failed: 0, stoppedByLimit: false };
}

function unsetText(setting: CopiesSetting, settings: Settings): string {
  const unset = `global ${setting} is not set\n`;
  if (setting === 'mincopies') return unset;
  const local = settings.get('annex.numcopies');
  return local === undefined
    ? `${unset}(default is 1)\n`
    : `${unset}(deprecated git config annex.numcopies is set to ${local} locally)\n`;
}

function parseCopies(setting: CopiesSetting, word: ByteString): number {
  if (!/^-?\d+$/.test(word)) throw new AnnexError('usage', `Bad number: ${toText(word)}`);
  const number = Number(word);
  if (number < 0) throw new AnnexError('usage', `${setting} cannot be negative!`);
  if (number === 0) throw new AnnexError('usage', `Cannot set ${setting} to 0.`);
  if (number > MOST) throw new AnnexError('usage', `Bad number: ${toText(word)}`);
  return number;
}
