import { groupLog } from '../../domain/logs/group-log.js';
import {
  groupPreferredContentLog,
  groupPreferredContentPath,
  preferredContentLog,
  requiredContentLog,
} from '../../domain/logs/preferred-content-log.js';
import { type Expression, isEmptyExpression } from '../../domain/matching/expression.js';
import { compileRule, parsePreferred, type Rule } from '../../domain/matching/rule.js';
import type { Indirect } from '../../domain/matching/validate.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import { STANDARD_EXPRESSIONS } from './standard-groups.js';

/** The rules of all repositories, compiled when they are first asked for. Undefined: a repository has none. */
export interface RuleBook {
  /** What is wanted: the preferred content, and what is required too. */
  wanted(uuid: Uuid): Rule | undefined;
  required(uuid: Uuid): Rule | undefined;
  /** The repositories that have rules. */
  readonly repositories: ReadonlySet<Uuid>;
}

/** Reads the logs that say what repositories want. */
export async function readRuleBook(branch: AnnexBranch): Promise<RuleBook> {
  const preferred = preferredContentLog.values(await branch.read(preferredContentLog.path));
  const required = requiredContentLog.values(await branch.read(requiredContentLog.path));
  const groups = groupLog.values(await branch.read(groupLog.path));
  const groupWanted = groupPreferredContentLog.parse(await branch.read(groupPreferredContentPath));

  const parsed = new Map<ByteString, Expression>();
  const parse = (text: ByteString | undefined): Expression | undefined => {
    if (text === undefined) return undefined;
    const known = parsed.get(text) ?? parsePreferred(text);
    parsed.set(text, known);
    return known;
  };
  /** `standard` follows the one standard group a repository is in, `groupwanted` the one group with an expression. */
  const indirect = (uuid: Uuid): Indirect => {
    const own: ByteString[] = [...(groups.get(uuid) ?? [])];
    const standards = own.filter((group) => STANDARD_EXPRESSIONS.has(group));
    const wanted = own.filter((group) => (groupWanted.get(group)?.value ?? '') !== '');
    return {
      standard: parse(
        standards.length === 1 ? STANDARD_EXPRESSIONS.get(standards[0] as ByteString) : undefined,
      ),
      groupWanted: parse(wanted.length === 1 ? groupWanted.get(wanted[0] as ByteString)?.value : undefined),
    };
  };

  const rule = (logs: readonly ReadonlyMap<Uuid, ByteString>[]) => {
    const compiled = new Map<Uuid, Rule | undefined>();
    return (uuid: Uuid): Rule | undefined => {
      if (compiled.has(uuid)) return compiled.get(uuid);
      const texts = logs.flatMap((log) => log.get(uuid) ?? []).filter((text) => /[^ \t-\r]/.test(text));
      const made = texts.length === 0 ? undefined : compileRule(texts, indirect(uuid));
      // `()` counts as no expression.
      const rule = made?.expressions.every(isEmptyExpression) ? undefined : made;
      compiled.set(uuid, rule);
      return rule;
    };
  };
  return {
    wanted: rule([preferred, required]),
    required: rule([required]),
    repositories: new Set([...preferred.keys(), ...required.keys()]),
  };
}
