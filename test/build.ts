import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles the program before all tests, because some start it as `npm start` does. */
export default function build(): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'src'], { cwd: root, stdio: 'inherit' });
}
