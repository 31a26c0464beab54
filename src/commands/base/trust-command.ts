import type { ByteString } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import type { TrustRequest } from '../../operations/settings-log/trust.js';
import { surroundings, withRepository } from './query-command.js';

/** Sets the trust level of the repositories given as operands. */
export async function setTrustOf(
  request: {
    readonly flags: { readonly force?: boolean };
    readonly operands: readonly ByteString[];
    readonly context: OperationContext;
  },
  { command, level }: Pick<TrustRequest, 'command' | 'level'>,
): Promise<Outcome> {
  const { flags, operands: names, context } = request;
  const { setTrust } = await import('../../operations/settings-log/trust.js');
  return withRepository(async (here) => {
    const { known } = await surroundings(here, context, {});
    return setTrust(here, known, { command, level, names, force: flags.force === true }, context);
  });
}
