import { Flags } from '@oclif/core';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, fromText } from '../../lib/bytes.js';

/** `--dry-run`, for commands that record something about clusters. */
export const dryRunFlag = {
  'dry-run': Flags.boolean({ char: 'n', description: 'tell what would be recorded, and record nothing' }),
};

/** `--fill`, of git-annex-ts alone. */
export const fillFlag = {
  fill: Flags.boolean({
    description: 'bring what some nodes have to the other nodes that want it, straight from one to the other',
  }),
};

/** What only `updatecluster` of git-annex-ts can do. */
export const clusterChangeFlags = {
  remove: Flags.string({
    description: 'stop being a gateway of that cluster, and remove its nodes that no other gateway serves',
    helpValue: 'CLUSTER',
  }),
  rename: Flags.string({ description: 'give a cluster another name', helpValue: 'CLUSTER=NAME' }),
};

/** The names in `--rename`. Throws `usage`. */
export function renaming(text: string | undefined): readonly [ByteString, ByteString] | undefined {
  if (text === undefined) return undefined;
  const [old, name, ...more] = text.split('=');
  if (!old || !name || more.length > 0)
    throw new AnnexError('usage', 'option --rename: expected CLUSTER=NAME');
  return [fromText(old), fromText(name)];
}
