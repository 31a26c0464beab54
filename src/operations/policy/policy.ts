import type { CopiesWanted } from '../../domain/copies.js';
import type { TrustLevel } from '../../domain/trust.js';
import type { Uuid } from '../../domain/uuid.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { ContentRules, Decision, Purpose } from './content-rules.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** What the logs, the configuration, attributes and options say about where contents belong. */
export interface Policy {
  trust(uuid: Uuid): TrustLevel;
  readonly known: KnownRepositories;
  readonly rules: ContentRules;
  /** In the order of the items. */
  copies(items: readonly LoggedItem[]): Promise<CopiesWanted[]>;
  /** The same before a drop: the largest numbers of all files with the content, since all of them lose it. */
  copiesToDrop(items: readonly LoggedItem[]): Promise<CopiesWanted[]>;
  /** For `--auto`: whether a repository should get each item: too few copies, or its preferred content. */
  wantedBy(uuid: Uuid, items: readonly LoggedItem[]): Promise<boolean[]>;
  /**
   * For `--auto`: whether a repository may lose each item: enough copies remain, and it is preferred
   * content under none of its names.
   */
  unwantedBy(uuid: Uuid, items: readonly LoggedItem[]): Promise<boolean[]>;
  /** Whether each item is required content of the repository. */
  requiredBy(uuid: Uuid, items: readonly LoggedItem[]): Promise<boolean[]>;
  /** What a repository's preferred or required content says of each item, and which terms decided it. */
  explain(uuid: Uuid, items: readonly LoggedItem[], purpose: Purpose): Promise<Decision[]>;
}
