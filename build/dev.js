// Loaded by `npm run dev`: no balancer has to be told of a restart.
process.env['SHUTDOWN_DELAY_SECONDS'] ??= '0';
process.env['SHUTDOWN_DRAIN_SECONDS'] ??= '0';
