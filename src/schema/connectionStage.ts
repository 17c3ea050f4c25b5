import { builder } from './builder.js';

export const ConnectionStage = builder.enumType('ConnectionStage', {
  description: "How deep people's connection with a creator is (连接阶段).",
  values: {
    CONNECTED: { description: 'Everybody who is connected, at any stage (连接用户).' },
    AWARE: { description: 'They know the creator (了解).' },
    INTERESTED: { description: 'They are interested (兴趣).' },
    LIKE: { description: 'They like the creator (喜欢).' },
    FOLLOW: { description: 'They follow closely (追随).' },
  } as const,
});
