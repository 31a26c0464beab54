import type { ByteString } from '../../lib/bytes.js';
import type { Answer, Expression } from './expression.js';
import type { Term } from './terms.js';

/** An answer, and what decided it. */
export interface Explanation {
  readonly answer: Answer;
  /**
   * The terms that were asked, each with its answer, as git-annex explains it:
   * `include=foo[TRUE] and ( present[FALSE] or largerthan=5[TRUE] )`. Empty for the empty expression.
   */
  readonly text: ByteString;
}

/** Part of an explanation; `joint` is what joins its parts. */
interface Part {
  readonly answer: Answer;
  readonly text: string;
  readonly joint: 'and' | 'or' | 'not' | undefined;
}

const EMPTY: Part = { answer: true, text: '', joint: undefined };

/** Evaluates as `evaluate` does, and keeps what was asked. */
export function explainExpression(expression: Expression, decide: (term: Term) => Answer): Explanation {
  const stack: Part[] = [];
  const { steps } = expression;
  const pop = () => stack.pop() as Part;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at++];
    if (step === undefined) break;
    if (step.type === 'term') stack.push(termPart(step.text, decide(step.term)));
    else if (step.type === 'true') stack.push(EMPTY);
    else if (step.type === 'skip-if-false') at = stack.at(-1)?.answer === false ? step.target : at;
    else if (step.type === 'skip-if-true') at = stack.at(-1)?.answer === true ? step.target : at;
    else if (step.type === 'not') stack.push(negatedPart(pop()));
    else {
      const right = pop();
      stack.push(joinedPart(step.type, pop(), right));
    }
  }
  const { answer, text } = stack[0] as Part;
  return { answer, text: text as ByteString };
}

function termPart(text: string, answer: Answer): Part {
  const shown = answer === 'unknown' ? 'UNKNOWN' : answer ? 'TRUE' : 'FALSE';
  return { answer, text: `${text}[${shown}]`, joint: undefined };
}

function negatedPart(part: Part): Part {
  const inner = part.joint === 'and' || part.joint === 'or' ? inParentheses(part) : part.text;
  const answer = part.answer === 'unknown' ? 'unknown' : !part.answer;
  return { answer, text: inner === '' ? 'not' : `not ${inner}`, joint: part.joint && 'not' };
}

function joinedPart(joint: 'and' | 'or', left: Part, right: Part): Part {
  const deciding = joint === 'or';
  const answers = [left.answer, right.answer];
  const answer: Answer = answers.includes(deciding)
    ? deciding
    : answers.includes('unknown')
      ? 'unknown'
      : !deciding;
  if (left.text === '') return { ...right, answer };
  if (right.text === '') return { ...left, answer };
  const first = left.joint === undefined || left.joint === joint ? left.text : inParentheses(left);
  const second = right.joint === undefined ? right.text : inParentheses(right);
  return { answer, text: `${first} ${joint} ${second}`, joint };
}

function inParentheses({ text }: Part): string {
  return `( ${text} )`;
}
