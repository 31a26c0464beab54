/**
 * How far a repository's word is taken: `trusted` counts as having what it is recorded to have, `semitrusted` is asked,
 * `untrusted` never counts, `dead` is gone.
 */
export type TrustLevel = 'trusted' | 'semitrusted' | 'untrusted' | 'dead';

/** Of a repository nobody has set a level for. */
export const defaultTrust: TrustLevel = 'semitrusted';

/** A level from `remote.NAME.annex-trustlevel`; undefined when it is not one. */
export function parseTrustLevel(text: string): TrustLevel | undefined {
  return text === 'trusted' || text === 'semitrusted' || text === 'untrusted' || text === 'dead'
    ? text
    : undefined;
}
