import { AnnexError } from '../../domain/errors.js';
import { type DeletionLimit, exceedsLimit, limitText } from '../../planning/deletion-limit.js';
import type { Session } from '../transfer/session.js';
import { eachBatch, type Scope } from './content-batches.js';
import { emptyHands, type Hands, type PassRules, passBatch } from './content-pass.js';

/**
 * Goes through a pass in thought, and refuses it when it would drop more contents than allowed; a percentage counts of the
 * contents that the pass looks at.
 * @throws `too-many-deletions`
 */
export async function guardDrops(
  session: Session,
  rules: PassRules,
  scope: Scope,
  limit: DeletionLimit,
): Promise<void> {
  const drops = new Set<string>();
  let total = 0;
  const counting: Hands = {
    ...emptyHands,
    async drop(from, subjects) {
      // Files with the same content are met one after the other.
      for (const { item } of subjects) drops.add(`${from} ${item.key}`);
      return new Set(subjects);
    },
  };
  const thought: PassRules = { ...rules, admits: () => true };
  const quiet: Session = { ...session, context: { ...session.context, emit: () => undefined } };
  await eachBatch(quiet, { ...scope, record: false }, async (subjects) => {
    total += subjects.length;
    await passBatch(thought, subjects, counting);
  });
  if (!exceedsLimit(drops.size, total, limit)) return;
  const what = drops.size === 1 ? '1 content' : `${drops.size} contents`;
  throw new AnnexError(
    'too-many-deletions',
    `${what} would be dropped, more than ${limitText(limit)} allows; nothing is transferred or dropped`,
    {
      hint: 'See them with `git annex-ts sync --content --dry-run`, then raise --max-delete if it is right.',
    },
  );
}
