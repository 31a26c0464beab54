import { AnnexError } from '../../domain/errors.js';
import type { OperationContext } from '../../operations/context.js';
import type { InfoScene } from '../../operations/info/info-scene.js';
import type { Repository } from '../../repository/repository.js';
import { fileOnlyMatching } from '../options/key-matching.js';
import type { MatchingToken } from '../options/matching.js';
import { currentDirectory, surroundings, type TrustFlags, trustOptions } from './query-command.js';

export interface InfoFlags extends TrustFlags {
  readonly fast?: boolean;
  readonly bytes?: boolean;
  readonly quiet?: boolean;
  readonly numcopies?: number | undefined;
  readonly mincopies?: number | undefined;
}

/** Gathers what `info` is made from. */
export async function infoScene(
  repository: Repository,
  { flags, context }: { readonly flags: InfoFlags; readonly context: OperationContext },
): Promise<InfoScene> {
  const { inBytes, inUnits } = await import('../../operations/info/key-totals.js');
  const { loadPolicy } = await import('../../operations/policy/load-policy.js');
  const { entries } = await surroundings(repository, context, flags);
  const { numcopies, mincopies } = flags;
  const policy = await loadPolicy(repository, entries, { ...trustOptions(flags), numcopies, mincopies });
  const emit: OperationContext['emit'] = flags.quiet
    ? (event) => event.type !== 'output' && context.emit(event)
    : context.emit;
  return {
    repository,
    known: policy.known,
    entries,
    policy,
    context: { ...context, emit },
    cwd: currentDirectory(),
    matches: undefined,
    fast: flags.fast === true,
    bytes: flags.bytes === true,
    words: flags.bytes ? inBytes : inUnits,
  };
}

/** Keys have no file names to be matched. */
export function assertKeysCanMatch(matching: readonly MatchingToken[]): void {
  if (matching.some(({ name }) => fileOnlyMatching.has(name))) {
    throw new AnnexError('usage', 'File matching options cannot be applied when getting this info.');
  }
}
