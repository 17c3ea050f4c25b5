import type { PriceHistoryQuery } from '../generated/graphql.js';
import { formatNumber, formatTime } from '../speech/format.js';
import type { Speech } from '../speech/language.js';
import type { ChartData } from './chartData.js';

type PricesAt = NonNullable<NonNullable<PriceHistoryQuery['creators'][number]>['prices']>['history'][number];

/** Prices of 21 to 60 seconds over time, a line for each creator. */
export function historyChart(
  creators: readonly { readonly name: string; readonly prices: readonly PricesAt[] }[],
  { language, t }: Speech,
): ChartData {
  const lines = creators.map(({ name, prices }) => ({
    name,
    points: prices
      .flatMap(({ fetchedAt, byDuration }) => {
        const amount = byDuration.seconds21To60?.price?.amount;
        return amount === undefined ? [] : [{ at: fetchedAt, price: Number(amount) }];
      })
      .toSorted((a, b) => a.at.localeCompare(b.at)),
  }));
  const money = (value: number) => formatNumber(value, 'money', language);
  return {
    option: {
      tooltip: { trigger: 'axis', valueFormatter: money },
      legend: { top: 0, type: 'scroll' },
      xAxis: { type: 'time' },
      yAxis: { type: 'value', scale: true, axisLabel: { formatter: money } },
      series: lines.map(({ name, points }) => ({
        type: 'line',
        step: 'end',
        name,
        data: points.map(({ at, price }) => [at, price]),
      })),
    },
    table: [
      [t.NICKNAME, t.fetchedAt(''), `${t.price} ${t.VIDEO_21_60S}`],
      ...lines.flatMap(({ name, points }) =>
        points.map(({ at, price }) => [name, formatTime(at, language), money(price)]),
      ),
    ],
  };
}
