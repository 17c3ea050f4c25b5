import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Started last, one of them would run on alone. */
const longest = [
  'test/processes.test.ts',
  'test/main.test.ts',
  'test/workers/program.test.ts',
  'test/cost/plan.property.test.ts',
  'test/plugins/useGraphiql.test.ts',
  'test/upstream/hostile.test.ts',
  'test/upstream/store/fullDisk.test.ts',
];

/** Vitest knows by itself what took long, but not in a fresh clone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((path) => moduleId.endsWith(path));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
