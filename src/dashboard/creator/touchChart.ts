import type { ChartData } from '../charts/chartData.js';
import { formatNumber } from '../speech/format.js';
import type { Speech } from '../speech/language.js';

interface TouchCategory {
  readonly name: string;
  readonly count: number | null;
  readonly children?: readonly TouchCategory[];
}

/** The kinds of content through which a creator reaches people, as areas. */
export function touchChart(categories: readonly TouchCategory[], { language, t }: Speech): ChartData {
  interface Area {
    readonly name: string;
    readonly value: number;
    readonly children?: readonly Area[];
  }
  const area = ({ name, count, children = [] }: TouchCategory): Area => ({
    name,
    value: count ?? 0,
    ...(children.length > 0 && { children: children.map(area) }),
  });
  const rows = (category: TouchCategory, parents: string): string[][] => [
    [
      `${parents}${category.name}`,
      category.count === null ? '–' : formatNumber(category.count, 'count', language),
    ],
    ...(category.children ?? []).flatMap((child) => rows(child, `${parents}${category.name} / `)),
  ];
  return {
    option: {
      tooltip: { valueFormatter: (value: number) => formatNumber(value, 'count', language) },
      series: [
        {
          type: 'treemap',
          data: categories.map(area),
          roam: false,
          nodeClick: false,
          breadcrumb: { show: false },
          levels: [
            { itemStyle: { gapWidth: 4 } },
            { colorSaturation: [0.35, 0.6], itemStyle: { gapWidth: 2, borderColorSaturation: 0.7 } },
            { colorSaturation: [0.35, 0.6] },
          ],
          left: 0,
          right: 0,
          top: 0,
          bottom: 0,
          upperLabel: { show: true, height: 22 },
        },
      ],
    },
    table: [
      [t.sections.audienceTouch, t.connectedUserCount],
      ...categories.flatMap((category) => rows(category, '')),
    ],
  };
}
