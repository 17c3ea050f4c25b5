// In a module of its own, for what main says itself comes after all that it imports, and main imports this first.
// graphql-js looks at it once, when it is first imported, and else asks of each value that isn't of a class whether
// there are two copies of itself: a sixth of what an operation takes that costs nothing.
process.env['NODE_ENV'] ??= 'production';

export {};
