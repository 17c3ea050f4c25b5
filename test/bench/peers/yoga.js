import { createServer } from 'node:http';
import DataLoader from 'dataloader';
import { createSchema, createYoga } from 'graphql-yoga';
import { creatorOf, sectionOf, sections, typeDefs } from './data.js';

const ofEachSection = (make) => Object.fromEntries(sections.map((section) => [section, make(section)]));

const yoga = createYoga({
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: {
        creator: (_, { id }) => creatorOf(id),
        creators: (_, { ids }) => ids.map(creatorOf),
      },
      Creator: ofEachSection(
        (section) =>
          (creator, _, { loaders }) =>
            loaders[section].load(creator.id),
      ),
    },
  }),
  context: () => ({
    loaders: ofEachSection(
      (section) => new DataLoader((ids) => Promise.all(ids.map((id) => sectionOf(section, id)))),
    ),
  }),
  logging: false,
});
const server = createServer(yoga).listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}/graphql\n`);
});
