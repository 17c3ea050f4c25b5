import { builder } from './builder.js';

const Range = builder.enumType('Range', {
  description: 'The days that a figure is about (统计周期).',
  values: {
    LAST_30_DAYS: { description: 'The last 30 days (近30天).' },
    LAST_90_DAYS: { description: 'The last 90 days (近90天).' },
  } as const,
});

const VideoKind = builder.enumType('VideoKind', {
  description: 'Which videos a figure is about (视频类型).',
  values: {
    PERSONAL: { description: "The creator's own videos (个人视频)." },
    SPONSORED: { description: 'Videos that were ordered on Xingtu (星图视频).' },
  } as const,
});

const PaidTraffic = builder.enumType('PaidTraffic', {
  description: 'Whether plays that were paid for with advertising count (流量类型). The meaning is inferred.',
  values: {
    INCLUDED: { description: 'They count.' },
    EXCLUDED: { description: 'They do not, as far as upstream can tell.' },
  } as const,
});

/** Each value of each of these is a call of its own. */
export const rangeArgs = builder.args((t) => ({
  range: t.field({
    type: Range,
    required: true,
    defaultValue: 'LAST_30_DAYS',
    description: 'The days that the figures are about. Each range is a call of its own.',
  }),
}));

export const videoKindArgs = builder.args((t) => ({
  videos: t.field({
    type: VideoKind,
    required: true,
    defaultValue: 'PERSONAL',
    description: 'The videos that the figures are about. Each kind is a call of its own.',
  }),
}));

export const trafficArgs = builder.args((t) => ({
  onlyAssigned: t.boolean({
    required: true,
    defaultValue: false,
    description:
      'True: of ordered videos only those whose order was assigned to the creator (只看指派). A call of its own. The meaning is inferred.',
  }),
  paidTraffic: t.field({
    type: PaidTraffic,
    required: true,
    defaultValue: 'INCLUDED',
    description: 'Whether plays that were paid for count. Each value is a call of its own.',
  }),
}));
