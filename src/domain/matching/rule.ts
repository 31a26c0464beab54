import type { ByteString } from '../../lib/bytes.js';
import { explainExpression } from './explain.js';
import {
  type Answer,
  evaluate,
  type Expression,
  parseExpression,
  parseFailure,
  termsOf,
} from './expression.js';
import { decideTerm, type MatchFacts } from './facts.js';
import type { Term } from './terms.js';
import { type Indirect, unstableTerms } from './validate.js';

/** What a repository's expressions come to. */
export interface Rule {
  /** Matches when one of them does. */
  readonly expressions: readonly Expression[];
  readonly indirect: Indirect;
  /**
   * Why the rule is not followed as it is written. What can't be parsed matches what is present, so that it is kept and
   * nothing is sent; an unstable rule matches nothing.
   */
  readonly problem: RuleProblem | undefined;
  /** Types of all terms, those of `standard` and `groupwanted` too. */
  readonly asks: ReadonlySet<Term['type']>;
  readonly terms: readonly Term[];
}

export type RuleProblem =
  /** In git-annex's words. */
  | { readonly kind: 'unparsable'; readonly failure: string }
  | { readonly kind: 'unstable'; readonly terms: readonly ByteString[] };

/** An answer with the terms that decided it. */
export interface RuleExplanation {
  readonly answer: Answer;
  readonly because: ByteString;
}

const NO_INDIRECT: Indirect = { standard: undefined, groupWanted: undefined };
const PRESENT: Term = { type: 'present' };

/** A rule from expressions of which one must match, none of them empty. */
export function compileRule(texts: readonly ByteString[], indirect: Indirect): Rule {
  const expressions = texts.map(parsePreferred);
  const errors = expressions.flatMap((expression) => [
    ...expression.errors,
    ...(asksGroupWanted(expression) ? (indirect.groupWanted?.errors ?? []) : []),
  ]);
  const unstable = [...new Set(expressions.flatMap((expression) => unstableTerms(expression, indirect)))];
  const terms = [...expressions, indirect.standard, indirect.groupWanted].flatMap((expression) =>
    expression === undefined ? [] : termsOf(expression),
  );
  return {
    expressions,
    indirect,
    problem:
      errors.length > 0
        ? { kind: 'unparsable', failure: parseFailure([...new Set(errors)]) }
        : unstable.length > 0
          ? { kind: 'unstable', terms: unstable }
          : undefined,
    asks: new Set([...terms.map(({ type }) => type), 'present']),
    terms,
  };
}

function asksGroupWanted(expression: Expression): boolean {
  return termsOf(expression).some(({ type }) => type === 'group-wanted');
}

/** Parses a preferred content expression. */
export function parsePreferred(text: ByteString): Expression {
  return parseExpression(text, 'preferred-content');
}

/** Whether a rule matches. */
export function decideRule(rule: Rule, facts: MatchFacts): Answer {
  if (rule.problem?.kind === 'unparsable') return decideTerm(PRESENT, facts);
  if (rule.problem?.kind === 'unstable') return false;
  const decide = (term: Term): Answer => decideIn(term, facts, rule.indirect);
  let answer: Answer = false;
  for (const expression of rule.expressions) {
    const one = evaluate(expression, decide);
    if (one === true) return true;
    if (one === 'unknown') answer = one;
  }
  return answer;
}

/** The same, with the terms that were asked. */
export function explainRule(rule: Rule, facts: MatchFacts): RuleExplanation {
  const answer = decideRule(rule, facts);
  const decide = (term: Term): Answer => decideIn(term, facts, rule.indirect);
  const { problem } = rule;
  if (problem?.kind === 'unparsable') {
    return { answer, because: `${problem.failure}; what is present is kept` as ByteString };
  }
  const texts: ByteString[] = [];
  for (const expression of rule.expressions) {
    const one = explainExpression(expression, decide);
    texts.push(one.text);
    if (one.answer === true && problem === undefined) break;
  }
  const because = texts.length > 1 ? texts.map((text) => `( ${text} )`).join(' or ') : (texts[0] ?? '');
  if (problem === undefined) return { answer, because: because as ByteString };
  const reason = `that expression is not stable due to negated use of ${problem.terms.join(', ')}, so will not be used`;
  return { answer, because: `${because}, but ${reason}` as ByteString };
}

/** `standard` and `groupwanted` without an expression mean what is present. */
function decideIn(term: Term, facts: MatchFacts, indirect: Indirect): Answer {
  if (term.type === 'standard') return decideIndirect(indirect.standard, facts, NO_INDIRECT);
  if (term.type === 'group-wanted') {
    return decideIndirect(indirect.groupWanted, facts, { ...indirect, groupWanted: undefined });
  }
  return decideTerm(term, facts);
}

function decideIndirect(expression: Expression | undefined, facts: MatchFacts, indirect: Indirect): Answer {
  if (expression === undefined) return decideTerm(PRESENT, facts);
  return evaluate(expression, (term) => decideIn(term, facts, indirect));
}
