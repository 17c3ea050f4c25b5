import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** If one of these started last, it would run alone in the end. */
const longest = [
  'test/processes.test.ts',
  'test/smallHeap.test.ts',
  'test/soak.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/ending.test.ts',
  'test/dashboard/page.test.ts',
  'test/upstream/store/sqlite/badDays.test.ts',
  'test/plugins/useGraphiql.test.ts',
  'test/upstream/store/fullDisk.test.ts',
  'test/main.test.ts',
  'test/upstream/store/redis/cluster.test.ts',
  'test/secrecy.test.ts',
  'test/sixthEndpoint.test.ts',
  'test/upstream/hostile.test.ts',
  'test/workers/program.test.ts',
  'test/cost/plan.property.test.ts',
];

/** Vitest remembers by itself which files took long, but not in a fresh clone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = longest.filter((path) => !existsSync(join(this.ctx.config.root, path)));
    if (gone.length > 0)
      throw new Error(`Expected ${gone.join(', ')}: mend the list in test/longestFirst.ts.`);
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((path) => moduleId.endsWith(path));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
