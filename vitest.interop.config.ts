import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, longest first: one of them started last would have the end to itself. */
const LONGEST = [
  'mixed',
  'killed',
  'bad-input',
  'sync',
  'adjusted',
  'full-disk',
  'names',
  'hostile',
  'fsck',
  'package',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

/** Tests that run the built program beside git-annex, git and ssh servers, or that break things on purpose. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts', 'test/fault/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // They wait for locks and servers as much as for the processor: three fill two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    env: { GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  },
});
