import type { RuleProblem } from '../../domain/matching/rule.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** A sentence about a rule that is not followed as it is written. */
export function tellProblem(problem: RuleProblem, repository: ByteString): string {
  const whose = `the preferred content of ${toText(repository)}`;
  if (problem.kind === 'unparsable') {
    return `${whose} cannot be understood (${toText(problem.failure as ByteString)}): what is there stays, and nothing is sent there`;
  }
  const terms = problem.terms.map(toText).join(', ');
  return `${whose} is not stable, due to negated use of ${terms}: it wants nothing`;
}
