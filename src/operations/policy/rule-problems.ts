import type { RuleProblem } from '../../domain/matching/rule.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** Bytes of an expression that are shown. */
const SHOWN = 300;

/** A sentence about a rule that is not followed as it is written. */
export function tellProblem(
  problem: RuleProblem,
  what: 'preferred' | 'required',
  repository: ByteString,
): string {
  const whose = `the ${what} content of ${toText(repository)}`;
  if (problem.kind === 'unparsable') {
    const failure = shortened(problem.failure);
    return `${whose} cannot be understood (${failure}): what is there stays, and nothing is sent there`;
  }
  const terms = shortened(problem.terms.join(', '));
  return `${whose} is not stable, due to negated use of ${terms}: it wants nothing`;
}

function shortened(text: string): string {
  return text.length > SHOWN
    ? `${toText(text.slice(0, SHOWN) as ByteString)}...`
    : toText(text as ByteString);
}
