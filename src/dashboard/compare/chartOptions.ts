import type { ChartData } from '../charts/chartData.js';
import type { AudienceQuery } from '../generated/graphql.js';
import { formatNumber } from '../speech/format.js';
import type { Speech } from '../speech/language.js';
import type { Texts } from '../speech/texts.js';
import type { ComparedCreator } from './comparison.js';

const durations = ['seconds1To20', 'seconds21To60', 'secondsOver60'] as const;

const durationTexts = ({ VIDEO_1_20S, VIDEO_21_60S, VIDEO_OVER_60S }: Texts) => [
  VIDEO_1_20S,
  VIDEO_21_60S,
  VIDEO_OVER_60S,
];

const nameOf = ({ id, creator }: ComparedCreator) => creator.profile?.name ?? id;

/** Price against expected plays, for videos of 21 to 60 seconds. The size is the number of followers. */
export function bubbleChart(rows: readonly ComparedCreator[], { language, t }: Speech): ChartData {
  const points = rows.flatMap((row) => {
    const price = row.creator.prices?.byDuration.seconds21To60?.price?.amount;
    const plays = row.creator.cpMetrics?.expectedPlayCount;
    if (!price || !plays) return [];
    return [
      { name: nameOf(row), price: Number(price), plays, followers: row.creator.profile?.followerCount ?? 0 },
    ];
  });
  const most = Math.max(1, ...points.map(({ followers }) => followers));
  return {
    option: {
      grid: { left: 12, right: 24, top: 36, bottom: 36, containLabel: true },
      tooltip: {
        formatter: ({ data }: { data: { name: string; text: string } }) =>
          `${escaped(data.name)}<br>${data.text}`,
      },
      xAxis: {
        type: 'value',
        name: t.price,
        nameLocation: 'middle',
        nameGap: 28,
        axisLabel: {
          formatter: (value: number) => formatNumber(value, 'money', language),
          hideOverlap: true,
        },
      },
      yAxis: {
        type: 'value',
        name: t.expectedPlayCount,
        axisLabel: { formatter: (value: number) => formatNumber(value, 'count', language) },
      },
      series: [
        {
          type: 'scatter',
          data: points.map(({ name, price, plays, followers }) => ({
            name,
            value: [price, plays],
            symbolSize: 8 + 40 * Math.sqrt(followers / most),
            text: [
              formatNumber(price, 'money', language),
              formatNumber(plays, 'count', language),
              formatNumber(followers, 'count', language),
            ].join(' · '),
          })),
          itemStyle: { opacity: 0.7 },
          label: { show: points.length <= 20, formatter: '{b}', position: 'top' },
          labelLayout: { hideOverlap: true },
        },
      ],
    },
    table: [
      [t.NICKNAME, t.price, t.expectedPlayCount, t.followerCount],
      ...points.map(({ name, price, plays, followers }) => [
        name,
        formatNumber(price, 'money', language),
        formatNumber(plays, 'count', language),
        formatNumber(followers, 'count', language),
      ]),
    ],
  };
}

/** Expected CPM by the length of the video, a group of bars for each creator. */
export function cpmChart(rows: readonly ComparedCreator[], { language, t }: Speech): ChartData {
  const known = rows.filter(({ creator }) => creator.cpMetrics?.hasData);
  const amountOf = (row: ComparedCreator, duration: (typeof durations)[number]) => {
    const amount = row.creator.cpMetrics?.expectedCpm[duration]?.amount;
    return amount === undefined ? null : Number(amount);
  };
  const money = (value: number | null) => (value === null ? '–' : formatNumber(value, 'money', language));
  return {
    option: {
      tooltip: { trigger: 'axis', valueFormatter: money },
      legend: { top: 0 },
      xAxis: {
        type: 'category',
        data: known.map(nameOf),
        axisLabel: { interval: 0, rotate: known.length > 6 ? 30 : 0 },
      },
      yAxis: { type: 'value', axisLabel: { formatter: money } },
      series: durations.map((duration, at) => ({
        type: 'bar',
        name: durationTexts(t)[at],
        data: known.map((row) => amountOf(row, duration)),
      })),
    },
    table: [
      [t.NICKNAME, ...durationTexts(t)],
      ...known.map((row) => [nameOf(row), ...durations.map((duration) => money(amountOf(row, duration)))]),
    ],
  };
}

type AudienceCreator = NonNullable<AudienceQuery['creators'][number]>;
export type ComparedDimension = 'AGE' | 'GENDER' | 'CITY_TIER';

/** The parts of each creator's audience in one dimension, side by side. */
export function audienceChart(
  creators: readonly AudienceCreator[],
  dimension: ComparedDimension,
  names: ReadonlyMap<string, string>,
  { language, t }: Speech,
): ChartData {
  const known = creators.flatMap(({ id, audience }) => {
    const found = audience?.dimensions.find(({ kind }) => kind === dimension);
    return found
      ? [{ name: names.get(id) ?? id, shares: new Map(found.buckets.map(({ key, share }) => [key, share])) }]
      : [];
  });
  const keys = [...new Set(known.flatMap(({ shares }) => [...shares.keys()]))];
  const label = (key: string) => ({ male: t.genders.male, female: t.genders.female })[key] ?? key;
  const rate = (share: number | null | undefined) =>
    share == null ? '–' : formatNumber(share, 'rate', language);
  return {
    option: {
      tooltip: { trigger: 'axis', valueFormatter: rate },
      legend: { top: 0 },
      xAxis: { type: 'value', max: 1, axisLabel: { formatter: rate } },
      yAxis: { type: 'category', inverse: true, data: known.map(({ name }) => name) },
      series: keys.map((key) => ({
        type: 'bar',
        stack: 'audience',
        name: label(key),
        data: known.map(({ shares }) => shares.get(key) ?? null),
      })),
    },
    table: [
      [t.NICKNAME, ...keys.map(label)],
      ...known.map(({ name, shares }) => [name, ...keys.map((key) => rate(shares.get(key)))]),
    ],
  };
}

/** ECharts takes a tooltip's text as HTML. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
