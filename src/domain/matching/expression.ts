import type { ByteString } from '../../lib/bytes.js';
import type { Term, Vocabulary } from './terms.js';
import { parseTerm } from './terms.js';

/** A step of a compiled expression, working on a stack of answers. */
export type Step =
  /** `text` as it was written; `negated`: under an odd number of `not`s. */
  | { readonly type: 'term'; readonly term: Term; readonly text: ByteString; readonly negated: boolean }
  | { readonly type: 'true' | 'and' | 'or' | 'not' }
  /** Goes on at `target` when the top answer decides the operation that stands just before `target`. */
  | { readonly type: 'skip-if-false' | 'skip-if-true'; readonly target: number };

/** A parsed matching expression: plain data, to be handed to `evaluate`. */
export interface Expression {
  readonly steps: readonly Step[];
  /**
   * What could not be understood, in git-annex's words (`near "foo"`, `bad size`); empty when all is well. Terms that
   * could not be understood are in `steps` as unknown ones, which never decide anything.
   */
  readonly errors: readonly string[];
}

/** Parses a preferred content or `annex.largefiles` expression. The empty expression matches everything. */
export function parseExpression(text: ByteString, vocabulary: Vocabulary): Expression {
  return parseTokens(tokenize(text), vocabulary);
}

/** git-annex's message about an expression's errors. */
export function parseFailure(errors: readonly string[]): string {
  return errors.map((error) => `Parse failure: ${error}`).join(' ');
}

/** Words between white space; parentheses are words of their own wherever they stand. */
export function tokenize(text: ByteString): ByteString[] {
  return (text.match(/[()]|[^() \t-\r]+/g) ?? []) as ByteString[];
}

type Operator = 'and' | 'or' | 'not';

/** An open parenthesis, or the whole expression. */
interface Frame {
  /** Operators that wait for their operand. */
  pending: Operator[];
  /** Index of the skip step of the operation that waits. */
  skip: number;
  /** Whether an odd number of `not`s stands around it. */
  readonly negated: boolean;
}

/**
 * Parses an expression that is split into words already (`(`, `)`, `not`, `and`, `or`, `copies=2`), as the matching
 * options of the command line are. Operations are taken from left to right without precedence; words side by side mean
 * `and`; a missing operand, a missing or surplus parenthesis is passed over. Depth is limited by memory only.
 */
export function parseTokens(tokens: readonly ByteString[], vocabulary: Vocabulary): Expression {
  const steps: Step[] = [{ type: 'true' }];
  const errors: string[] = [];
  const frames: Frame[] = [{ pending: [], skip: -1, negated: false }];
  const top = (): Frame => frames[frames.length - 1] as Frame;
  const close = (): void => {
    finishOperand(steps, top(), true);
    frames.pop();
    finishOperand(steps, top(), false);
  };
  for (const token of tokens) {
    if (isOperator(token)) top().pending.push(token);
    else if (token === '(') {
      startOperand(steps, top());
      frames.push({ pending: [], skip: -1, negated: isNegated(top()) });
      steps.push({ type: 'true' });
    } else if (token === ')') {
      if (frames.length > 1) close();
    } else {
      startOperand(steps, top());
      const term = parseTerm(token, vocabulary);
      if (typeof term === 'string') errors.push(term);
      steps.push({
        type: 'term',
        term: typeof term === 'string' ? { type: 'unknown', text: token } : term,
        text: token,
        negated: isNegated(top()),
      });
      finishOperand(steps, top(), false);
    }
  }
  while (frames.length > 1) close();
  finishOperand(steps, top(), true);
  return { steps, errors };
}

function isOperator(token: string): token is Operator {
  return token === 'and' || token === 'or' || token === 'not';
}

/** Whether the operand that comes next counts the other way round. */
function isNegated({ pending, negated }: Frame): boolean {
  return (pending.filter((operator) => operator === 'not').length % 2 === 1) !== negated;
}

function startOperand(steps: Step[], frame: Frame): void {
  frame.skip = steps.length;
  steps.push({ type: 'true' });
}

/** Applies what waits for the operand that was just added; at the end of a group the operand may be missing. */
function finishOperand(steps: Step[], frame: Frame, atEnd: boolean): void {
  if (atEnd) {
    if (frame.pending.length === 0) return;
    startOperand(steps, frame);
    steps.push({ type: 'true' });
  }
  const [first, ...inner] = frame.pending;
  for (const operator of first === 'not' ? frame.pending.slice().reverse() : inner.reverse()) {
    if (operator === 'not') steps.push({ type: 'not' });
    else if (operator === 'or') steps.push({ type: 'true' }, { type: 'or' });
  }
  const operation = first === 'or' ? 'or' : 'and';
  steps[frame.skip] = {
    type: operation === 'or' ? 'skip-if-true' : 'skip-if-false',
    target: steps.length + 1,
  };
  steps.push({ type: operation });
  frame.pending = [];
}

/** An answer; `unknown` where a term is not understood or a fact can't be had. */
export type Answer = boolean | 'unknown';

/**
 * Whether the expression matches, asking `decide` only for the terms that matter. Unknown answers spread unless the rest
 * decides: `unknown and nothing` is false, `unknown or anything` true, `not unknown` unknown.
 */
export function evaluate(expression: Expression, decide: (term: Term) => Answer): Answer {
  const stack: Answer[] = [];
  const { steps } = expression;
  let at = 0;
  while (at < steps.length) {
    const step = steps[at++] as Step;
    if (step.type === 'term') stack.push(decide(step.term));
    else if (step.type === 'true') stack.push(true);
    else if (step.type === 'skip-if-false') at = stack.at(-1) === false ? step.target : at;
    else if (step.type === 'skip-if-true') at = stack.at(-1) === true ? step.target : at;
    else if (step.type === 'not') stack.push(negate(stack.pop() as Answer));
    else {
      const right = stack.pop() as Answer;
      const left = stack.pop() as Answer;
      stack.push(step.type === 'and' ? both(left, right) : negate(both(negate(left), negate(right))));
    }
  }
  return stack[0] as Answer;
}

/** The terms an expression asks about, to fetch the facts they need. */
export function termsOf(expression: Expression): Term[] {
  return expression.steps.flatMap((step) => (step.type === 'term' ? [step.term] : []));
}

/** Whether an expression asks nothing, as `()` does, and so matches everything. */
export function isEmptyExpression({ steps }: Expression): boolean {
  return steps.every(({ type }) => type !== 'term' && type !== 'not');
}

function both(a: Answer, b: Answer): Answer {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : 'unknown';
}

function negate(answer: Answer): Answer {
  return answer === 'unknown' ? 'unknown' : !answer;
}
