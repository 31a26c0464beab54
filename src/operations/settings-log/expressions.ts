import { AnnexError } from '../../domain/errors.js';
import {
  groupPreferredContentLog,
  groupPreferredContentPath,
  preferredContentLog,
  requiredContentLog,
} from '../../domain/logs/preferred-content-log.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { hasSpace } from '../../lib/words.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { checkContentExpression } from './check-expression.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

/** The commands for the expressions of one repository. */
export type ContentSetting = 'wanted' | 'required';

const LOGS = { wanted: preferredContentLog, required: requiredContentLog } as const;

/** Shows the expression of a repository, or sets it; one that cannot be parsed is refused. */
export async function contentExpression(
  repository: Recorder,
  known: KnownRepositories,
  setting: ContentSetting,
  operands: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  const [name, expression] = operands;
  if (name === undefined || operands.length > 2) throw new AnnexError('usage', 'Specify a repository.');
  const uuid = known.named(name);
  const log = LOGS[setting];
  const { branch } = repository;
  if (expression === undefined) return show(log.values(await branch.read(log.path)).get(uuid), context);
  return save(repository, { command: setting, subject: name, expression, input: operands }, context, (text) =>
    branch.change([
      { path: log.path, change: (content) => log.set(content, uuid, text, logClock()), about: uuid },
    ]),
  );
}

/** Shows what `groupwanted` stands for in a group, or sets it. */
export async function groupExpression(
  repository: Recorder,
  operands: readonly ByteString[],
  context: OperationContext,
): Promise<Outcome> {
  const [group, expression] = operands;
  if (group === undefined || operands.length > 2) throw new AnnexError('usage', 'Specify a group.');
  const { branch } = repository;
  if (expression === undefined) {
    const expressions = groupPreferredContentLog.parse(await branch.read(groupPreferredContentPath));
    return show(expressions.get(group)?.value, context);
  }
  if (!isGroupName(group)) {
    throw new AnnexError('usage', `"${toText(group)}" is no name of a group: it must be a single word`);
  }
  const change = { command: 'groupwanted', subject: group, expression, input: operands };
  return save(repository, change, context, (text) =>
    branch.change([
      {
        path: groupPreferredContentPath,
        change: (content) => groupPreferredContentLog.set(content, group, text, logClock()),
      },
    ]),
  );
}

/** Groups stand between spaces in the logs. */
export function isGroupName(word: ByteString): boolean {
  return word !== '' && !hasSpace(word);
}

function show(expression: ByteString | undefined, { emit }: OperationContext): Outcome {
  emit({ type: 'output', bytes: `${expression ?? ''}\n` as ByteString });
  return { failed: 0, stoppedByLimit: false };
}

interface Change {
  readonly command: string;
  readonly subject: ByteString;
  readonly expression: ByteString;
  readonly input: readonly ByteString[];
}

async function save(
  repository: Recorder,
  { command, subject, expression, input }: Change,
  { emit }: OperationContext,
  write: (expression: ByteString) => Promise<void>,
): Promise<Outcome> {
  const action = { command, subject, input };
  const { error, warnings } = checkContentExpression(expression);
  for (const text of warnings) emit({ type: 'warning', text });
  emit({ type: 'start', action });
  // A line of the log is one line; any white space separates words as well.
  if (error === undefined) await write(expression.replace(/[\r\n]+/g, ' ') as ByteString);
  const errors = error === undefined ? [] : [`git-annex: ${error}`];
  emit({ type: 'end', action, success: error === undefined, errors });
  await recordState(repository, emit);
  return { failed: errors.length, stoppedByLimit: false };
}
