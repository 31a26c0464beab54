/** One thing to do over the wire, by git-annex and by git-annex-ts. */
export interface WireCase {
  readonly name: string;
  /** What is aimed at. */
  readonly target: string;
  /** Files that are moved. */
  readonly count: number;
  readonly big?: boolean;
  /** Where the contents are before. */
  readonly at: 'here' | 'there' | 'both';
  readonly args: readonly string[];
  /**
   * 50 ms away. It is done with one file as well: the difference is what each further file costs, without what starting and
   * connecting do.
   */
  readonly far?: boolean;
  readonly over?: 'http';
  /** Who serves. Default: git-annex; `subject`: the client is always git-annex then; `both`: the programs among themselves. */
  readonly serves?: 'subject' | 'both';
}

const get = { at: 'there', args: ['get', '.'] } as const;
const put = { at: 'here', args: ['copy', '--to=origin', '.'] } as const;
const big = { count: 1, big: true } as const;

/** @param far files besides the one that pays for starting and connecting */
export function wireCases(small: number, far: number): readonly WireCase[] {
  const distant = { count: far + 1, far: true } as const;
  const both = { serves: 'both' } as const;
  const shell = { serves: 'subject' } as const;
  return [
    { name: `get ${small} small, ssh`, target: 'ratio <= 0.2', count: small, ...get },
    { name: `copy --to ${small} small, ssh`, target: '', count: small, ...put },
    { name: `get ${far} small, ssh 50 ms`, target: '<= 4 ms a file', ...distant, ...get },
    {
      name: `presence (fsck --fast --from) of ${far}, ssh 50 ms`,
      target: '<= 0.5 ms a file',
      ...{ ...distant, at: 'both', args: ['fsck', '--fast', '--from=origin'] },
    },
    { name: `copy --to ${far} small, ssh 50 ms`, target: '<= 60 ms a file', ...distant, ...put },
    {
      name: `copy --to -J4 ${far} small, ssh 50 ms`,
      target: '<= 15 ms a file',
      ...{ ...distant, at: 'here', args: ['copy', '-J4', '--to=origin', '.'] },
    },
    { name: `drop ${far} small, ssh 50 ms`, target: '', ...distant, at: 'both', args: ['drop', '.'] },
    { name: 'get one big file, ssh', target: 'ratio <= 0.6', ...big, ...get },
    { name: 'copy --to one big file, ssh', target: 'ratio <= 0.6', ...big, ...put },
    { name: `get ${small} small, http`, target: '', count: small, over: 'http', ...get },
    { name: `copy --to ${small} small, http`, target: '', count: small, over: 'http', ...put },
    { name: 'get one big file, http', target: 'ratio <= 0.6', over: 'http', ...big, ...get },
    { name: 'copy --to one big file, http', target: 'ratio <= 0.6', over: 'http', ...big, ...put },
    { name: `shell serves git-annex get ${small}`, target: 'ratio <= 1', count: small, ...shell, ...get },
    { name: `shell serves git-annex copy ${small}`, target: 'ratio <= 1', count: small, ...shell, ...put },
    { name: 'shell serves git-annex get big', target: 'ratio <= 1', ...shell, ...big, ...get },
    { name: 'shell serves git-annex copy big', target: 'ratio <= 1', ...shell, ...big, ...put },
    { name: `among themselves get ${small}`, target: 'ratio < 1', count: small, ...both, ...get },
    { name: `among themselves copy ${small}`, target: 'ratio < 1', count: small, ...both, ...put },
    { name: 'among themselves get big', target: 'ratio < 1', ...both, ...big, ...get },
    { name: 'among themselves copy big', target: 'ratio < 1', ...both, ...big, ...put },
  ];
}
