import type { ByteString } from '../../lib/bytes.js';
import { type Expression, parseExpression, parseFailure, termsOf } from './expression.js';
import type { Term } from './terms.js';

/**
 * What is wrong with a preferred or required content expression, in git-annex's words
 * (`Parse failure: near "foo"`, one for each bad term); undefined: nothing. git-annex puts `Parse error: ` before it.
 */
export function validatePreferredContent(text: ByteString): string | undefined {
  const { errors } = parseExpression(text, 'preferred-content');
  return errors.length === 0 ? undefined : parseFailure(errors);
}

/** The expressions that `standard` and `groupwanted` stand for; undefined: none, which counts as `present`. */
export interface Indirect {
  readonly standard: Expression | undefined;
  readonly groupWanted: Expression | undefined;
}

/**
 * The terms, as written, that make an expression turn over when it is followed: under `not` they ask for content that
 * is not there, and let it go when it is. git-annex lets an expression with such a term match nothing.
 * @param indirect without it, `standard` and `groupwanted` count as stable
 */
export function unstableTerms(expression: Expression, indirect?: Indirect): ByteString[] {
  const texts = expression.steps.flatMap((step) =>
    step.type === 'term' && step.negated && dependsOnPresence(step.term, indirect) ? [step.text] : [],
  );
  return [...new Set(texts)];
}

/** Whether a term may be true because the content is present; `balanced` keeps what is there. */
function dependsOnPresence(term: Term, indirect: Indirect | undefined): boolean {
  switch (term.type) {
    case 'present':
      return true;
    case 'balance':
      return term.kind === 'balanced' || term.kind === 'sizebalanced';
    case 'standard':
      return indirect !== undefined && anyDepends(indirect.standard, undefined);
    case 'group-wanted':
      return (
        indirect !== undefined && anyDepends(indirect.groupWanted, { ...indirect, groupWanted: undefined })
      );
    default:
      return false;
  }
}

function anyDepends(expression: Expression | undefined, indirect: Indirect | undefined): boolean {
  return expression === undefined || termsOf(expression).some((term) => dependsOnPresence(term, indirect));
}
