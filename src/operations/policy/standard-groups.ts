import type { ByteString } from '../../lib/bytes.js';

const client =
  '(include=* and ((exclude=*/archive/* and exclude=archive/*) or (not (copies=archive:1 or copies=smallarchive:1)))) or approxlackingcopies=1';

/** What `standard` stands for, by group (git-annex: preferred_content/standard_groups). */
export const STANDARD_EXPRESSIONS: ReadonlyMap<string, ByteString> = new Map(
  Object.entries({
    client,
    transfer: `(not (inallgroup=client and copies=client:2) and (${client})) or approxlackingcopies=1`,
    backup: 'anything',
    incrementalbackup:
      '((not copies=backup:1) and (not copies=incrementalbackup:1)) or approxlackingcopies=1',
    smallarchive:
      '((include=*/archive/* or include=archive/*) and ((not (copies=archive:1 or copies=smallarchive:1)) or approxlackingcopies=1)) or approxlackingcopies=1',
    archive: '(not (copies=archive:1 or copies=smallarchive:1)) or approxlackingcopies=1',
    source: 'not (copies=1)',
    manual: `present and (${client})`,
    public: 'inpreferreddir',
    unwanted: 'not anything',
  }) as [string, ByteString][],
);
