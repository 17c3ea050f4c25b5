import { builder } from './builder.js';

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'An object that `node` finds by its id.',
  fields: (t) => ({
    // Each type has a field of its own.
    id: t.id({ nullable: false, description: 'Unique among all objects.', resolve: () => '' }),
  }),
});
