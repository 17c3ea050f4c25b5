import fastify from 'fastify';
import mercurius from 'mercurius';
import cache from 'mercurius-cache';
import { creatorOf, creators, sectionOf, sections, typeDefs } from './data.js';

const ofEachSection = (make) => Object.fromEntries(sections.map((section) => [section, make(section)]));

const app = fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Query: {
      creator: (_, { id }) => creatorOf(id),
      creators: (_, { ids }) => ids.map(creatorOf),
    },
    Creator: ofEachSection((section) => (creator) => sectionOf(section, creator.id)),
  },
  jit: 1,
});
await app.register(cache, {
  ttl: 86_400,
  policy: { Creator: ofEachSection(() => true) },
  // Room for all of them under a few selections each, where the default of 1,024 would have none of them there.
  storage: { type: 'memory', options: { size: Object.keys(creators).length * sections.length * 4 } },
});
process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql\n`);
