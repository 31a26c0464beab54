import { locationLogPath } from '../../domain/hash-directories.js';
import { type Key, keySize } from '../../domain/key.js';
import { explainExpression } from '../../domain/matching/explain.js';
import { type Answer, parseExpression, parseFailure, termsOf } from '../../domain/matching/expression.js';
import { decideTerm, type MatchFacts } from '../../domain/matching/facts.js';
import type { Term } from '../../domain/matching/terms.js';
import { unstableTerms } from '../../domain/matching/validate.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import { loadPolicy } from '../policy/load-policy.js';

/** An expression, and what it is held against. What is undefined is not known. */
export interface MatchExpressionRequest {
  readonly expression: ByteString;
  /** As `annex.largefiles` has it, rather than preferred content. */
  readonly largefiles: boolean;
  readonly file: ByteString | undefined;
  readonly key: Key | undefined;
  /** Bytes; what the key says goes before. */
  readonly size: number | undefined;
  readonly mimeType: ByteString | undefined;
  readonly mimeEncoding: ByteString | undefined;
  /** Say which terms decided. */
  readonly explain: boolean;
}

/** `unknown`: too little data was given, or the expression is wrong; that was said on stderr. */
export type MatchExpressionResult = 'matches' | 'mismatch' | 'unknown';

/** Holds an expression against given data: `matchexpression`. `standard` and `groupwanted` match everything. */
export async function matchExpression(
  here: Repository,
  request: MatchExpressionRequest,
  { emit }: OperationContext,
): Promise<MatchExpressionResult> {
  const vocabulary = request.largefiles ? 'largefiles' : 'preferred-content';
  const expression = parseExpression(request.expression, vocabulary);
  const tell = (text: string): 'unknown' => {
    emit({ type: 'warning', text });
    return 'unknown';
  };
  if (expression.errors.length > 0) return tell(`bad expression: ${parseFailure(expression.errors)}`);
  const facts = await gatherFacts(here, request, termsOf(expression));
  let missing: string | undefined;
  const decide = (term: Term): Answer => {
    missing ??= missingFor(term, facts);
    if (missing !== undefined) return 'unknown';
    return term.type === 'standard' || term.type === 'group-wanted' ? true : decideTerm(term, facts);
  };
  const { answer, text } = explainExpression(expression, decide);
  if (missing !== undefined) return tell(`cannot match this expression without ${missing} data`);
  const unstable = request.largefiles ? [] : unstableTerms(expression);
  if (request.explain && text !== '') {
    const verdict = answer === true ? 'matches' : 'does not match';
    const but = `, but that expression is not stable due to negated use of ${unstable.join(', ')}, so will not be used`;
    const explained = `[ ${verdict} provided expression: ${text}${unstable.length > 0 ? but : ''} ]\n`;
    emit({ type: 'output', bytes: explained as ByteString });
  }
  return answer === true && unstable.length === 0 ? 'matches' : 'mismatch';
}

async function gatherFacts(
  here: Repository,
  { key, file, size, mimeType, mimeEncoding }: MatchExpressionRequest,
  terms: readonly Term[],
): Promise<MatchFacts> {
  const given: MatchFacts = { file, size, mimeType, mimeEncoding, ...ofName(file) };
  if (key === undefined) return given;
  const { rules } = await loadPolicy(here, [], {});
  const log = await here.branch.read(locationLogPath(key));
  const item = { key, path: file, shown: file, input: [], unlocked: false, log };
  const facts = await rules.facts(here.uuid, item, terms);
  return { ...facts, ...given, size: keySize(key) ?? size };
}

/** Whether a file is in a directory of the usual name, which is all a name tells. */
function ofName(file: ByteString | undefined): MatchFacts {
  return file === undefined ? {} : { inPreferredDirectory: `/${file}`.includes('/public/') };
}

/** What a term needs that was not given. */
function missingFor(term: Term, facts: MatchFacts): string | undefined {
  switch (term.type) {
    case 'include':
    case 'exclude':
    case 'in-preferred-directory':
      return facts.file === undefined ? 'file' : undefined;
    case 'larger-than':
    case 'smaller-than':
      return facts.size === undefined ? 'size' : undefined;
    case 'mime-type':
      return facts.mimeType === undefined ? 'mimetype' : undefined;
    case 'mime-encoding':
      return facts.mimeEncoding === undefined ? 'mimeencoding' : undefined;
    case 'anything':
    case 'nothing':
    case 'standard':
    case 'group-wanted':
      return undefined;
    default:
      return facts.key === undefined ? 'key' : undefined;
  }
}
