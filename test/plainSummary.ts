import type { Reporter, TestModule } from 'vitest/node';

/**
 * Names what was skipped, whose titles say what would run it, and closes a run with one plain line for logs and scripts:
 * `Tests: 412 passed, 0 failed, 3 skipped`.
 */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (wanted: string) => tests.filter((test) => test.result().state === wanted);
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandledErrors.length;
    const skipped = inState('skipped');
    for (const test of skipped) process.stdout.write(`Skipped: ${test.fullName}\n`);
    process.stdout.write(
      `Tests: ${inState('passed').length} passed, ${inState('failed').length + broken} failed, ${skipped.length} skipped\n`,
    );
  }
}
