import { CommandLineError } from './commandLine.js';
import { ConfigError } from './config.js';
import { UsageError } from './operator/usageError.js';
import { StartError } from './workers/supervisor.js';

/** What a person reads when the program can't do what was asked: what happened, and what to do. */
export function messageFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ([CommandLineError, ConfigError, UsageError, StartError].some((kind) => error instanceof kind))
    return error.message;
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return `${error.message}: another program listens on this port. Stop it, or set PORT to another port.`;
    case 'ENOTFOUND':
    case 'EADDRNOTAVAIL':
      return `${error.message}: this machine does not have this address. Set HOST to one of its addresses, such as 127.0.0.1.`;
    case 'EACCES':
      return `${error.message}: this user may not listen on this port. Set PORT to a port above 1023.`;
    default:
      return error.stack ?? error.message;
  }
}
