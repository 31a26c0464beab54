import { parseExpression } from '../../domain/matching/expression.js';
import { unstableTerms, validatePreferredContent } from '../../domain/matching/validate.js';
import { type ByteString, toText } from '../../lib/bytes.js';

export interface ExpressionCheck {
  /** What is wrong, in git-annex's words; undefined: it may be saved. */
  readonly error: string | undefined;
  /** What the user should know although it can be saved. */
  readonly warnings: readonly string[];
}

/** Looks at a preferred content expression before it is saved for all repositories. */
export function checkContentExpression(text: ByteString): ExpressionCheck {
  const error = validatePreferredContent(text);
  if (error !== undefined) return { error: `Parse error: ${toText(error as ByteString)}`, warnings: [] };
  const unstable = unstableTerms(parseExpression(text, 'preferred-content'));
  return { error: undefined, warnings: unstable.map(warnOf) };
}

function warnOf(term: ByteString): string {
  return (
    `"not ${toText(term)}" has no stable answer: content would be wanted until it is there. ` +
    'Such an expression matches nothing.'
  );
}
