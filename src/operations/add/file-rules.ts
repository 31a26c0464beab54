import { addsUnlocked } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import {
  type Expression,
  evaluate,
  parseExpression,
  parseFailure,
} from '../../domain/matching/expression.js';
import { decideTerm, type MatchFacts } from '../../domain/matching/facts.js';
import type { Term } from '../../domain/matching/terms.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { mimeEncoding, mimeType } from '../policy/mime.js';
import type { Attributes } from '../select/attributes.js';
import { currentBranch } from '../sync/current-branch.js';
import type { Candidate } from './candidates.js';
import type { FileRules } from './classify.js';

/** A work tree file as expressions see it: `path` counts from the top. */
export type RuledFile = Pick<Candidate, 'path' | 'stats'>;

/** Reads `annex.largefiles` and `annex.addunlocked`; throws `invalid-setting` when asked with a bad expression. */
export function createFileRules({ settings, location, git }: Repository, attributes: Attributes): FileRules {
  const symlinks = settings.bool('core.symlinks', true) && !settings.bool('annex.crippledfilesystem', false);
  const expressions = new Map<string, Expression>();

  const parsed = (text: ByteString, setting: string, place: string): Expression => {
    const id = `${setting} ${place} ${text}`;
    const known = expressions.get(id);
    if (known !== undefined) return known;
    const expression = parseExpression(text, 'largefiles');
    if (expression.errors.length > 0) {
      const failure = parseFailure(expression.errors);
      throw new AnnexError('invalid-setting', `bad ${setting} configuration in ${place}: ${failure}`);
    }
    expressions.set(id, expression);
    return expression;
  };
  const decide = (file: RuledFile, expression: Expression, setting: string): boolean => {
    const answer = evaluate(expression, (term) =>
      decideTerm(term, factsOf(`${location.workTree}`, file, term)),
    );
    if (answer === 'unknown') {
      throw new AnnexError(
        'invalid-setting',
        `${setting} asks for the mime type, which needs the program "file"`,
      );
    }
    return answer;
  };
  const configured = settings.get('annex.largefiles');
  const unlocked = settings.get('annex.addunlocked') ?? ('false' as ByteString);
  let inUnlockedBranch: Promise<boolean> | undefined;
  const branchUnlocks = async (): Promise<boolean> => {
    const adjustment = (await currentBranch(git))?.adjusted?.adjustment;
    return adjustment !== undefined && addsUnlocked(adjustment);
  };

  return {
    async large(candidates) {
      const values = await attributes.values(
        'annex.largefiles',
        candidates.map(({ path }) => path),
      );
      return candidates.map((file, i) => {
        const attribute = values[i];
        if (attribute !== undefined) {
          return decide(file, parsed(attribute, 'annex.largefiles', 'gitattributes'), 'annex.largefiles');
        }
        if (configured === undefined) return true;
        return decide(file, parsed(configured, 'annex.largefiles', 'git config'), 'annex.largefiles');
      });
    },
    async unlocked(candidates) {
      if (!symlinks) return candidates.map(() => true);
      const yes = isBoolean(unlocked);
      inUnlockedBranch ??= branchUnlocks();
      if (yes === true || (await inUnlockedBranch)) return candidates.map(() => true);
      if (yes === false) return candidates.map(() => false);
      const expression = parsed(unlocked, 'annex.addunlocked', 'git config');
      return candidates.map((file) => decide(file, expression, 'annex.addunlocked'));
    },
  };
}

function factsOf(top: string, { path, stats }: RuledFile, term: Term): MatchFacts {
  const file = `${top}/${path}` as ByteString;
  return {
    file: path,
    size: stats.size,
    ...(term.type === 'mime-type' ? { mimeType: mimeType(file) } : {}),
    ...(term.type === 'mime-encoding' ? { mimeEncoding: mimeEncoding(file) } : {}),
  };
}

function isBoolean(text: string): boolean | undefined {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  return /^(false|no|off|0|)$/i.test(text) ? false : undefined;
}
