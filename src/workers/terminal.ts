import { closeSync, openSync } from 'node:fs';

/** Whether this process was started from a terminal that is still there. */
export function hasTerminal(): boolean {
  if (process.platform === 'win32') return process.stderr.isTTY;
  try {
    // Every process may open the terminal that controls it by this name, and one without gets ENXIO.
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
