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
  request: {
    readonly flags: InfoFlags;
    readonly matching: readonly MatchingToken[];
    readonly context: OperationContext;
  },
): Promise<InfoScene> {
  const { flags, matching, context } = request;
  const { inBytes, inUnits } = await import('../../operations/info/key-totals.js');
  const { createMatching } = await import('../../operations/select/matching.js');
  const { loadPolicy } = await import('../../operations/policy/load-policy.js');
  const { entries } = await surroundings(repository, context, flags);
  const { numcopies, mincopies } = flags;
  const policy = await loadPolicy(repository, entries, { ...trustOptions(flags), numcopies, mincopies });
  const emit: OperationContext['emit'] = flags.quiet
    ? (event) => event.type !== 'output' && context.emit(event)
    : context.emit;
  const cwd = currentDirectory();
  const matches = matching.length === 0 ? undefined : await createMatching(repository, matching, cwd);
  return {
    repository,
    known: policy.known,
    entries,
    policy,
    context: { ...context, emit },
    cwd,
    matches,
    keyMatches: matching.some(({ name }) => fileOnlyMatching.has(name)) ? refuseKeys : matches,
    fast: flags.fast === true,
    bytes: flags.bytes === true,
    words: flags.bytes ? inBytes : inUnits,
  };
}

/** Keys have no file names to be matched. */
async function refuseKeys(): Promise<never> {
  throw new AnnexError('usage', 'File matching options cannot be applied when getting this info.');
}
