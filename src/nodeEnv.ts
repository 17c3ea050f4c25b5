// A module of its own, because imports run before a module's own code, and main must import this one first.
// graphql-js reads NODE_ENV when it is first imported. Unless it is "production", graphql-js checks each value for a
// second copy of itself, which takes a sixth of the time of an operation that makes no calls.
process.env['NODE_ENV'] ??= 'production';

export {};
