import type { EChartsCoreOption } from 'echarts/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { chosenTheme, useStored } from '../browser/settings.js';
import { ScrollBox } from '../parts/ScrollBox.js';
import { useSpeech } from '../speech/language.js';
import { init } from './echarts.js';

interface ChartProps {
  readonly title: string;
  readonly option: EChartsCoreOption;
  /** What the chart shows, for those who can't see it: rows of texts, the first with the titles. */
  readonly table: readonly (readonly string[])[];
  readonly height?: number;
}

/** A chart, and the same as a table. */
export function Chart({ title, option, table, height = 320 }: ChartProps): ReactNode {
  const { t } = useSpeech();
  const box = useRef<HTMLDivElement>(null);
  const theme = useStored(chosenTheme);
  useEffect(() => {
    if (!box.current) return;
    const isDark = theme === 'dark' || (theme === '' && matchMedia('(prefers-color-scheme: dark)').matches);
    const chart = init(box.current, isDark ? 'dark' : null);
    chart.setOption({
      backgroundColor: 'transparent',
      animation: false,
      aria: { enabled: false },
      tooltip: {},
      grid: { left: 12, right: 24, top: 36, bottom: 12, containLabel: true },
      ...option,
    });
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [option, theme]);
  const [head = [], ...rows] = table;
  if (rows.length === 0) return <p className="muted">{t.chartEmpty}</p>;
  return (
    <figure className="chart">
      <div ref={box} style={{ height }} role="img" aria-label={title} />
      <details>
        <summary>{t.asTable}</summary>
        <ScrollBox label={`${title}: ${t.asTable}`}>
          <table>
            <thead>
              <tr>
                {head.map((text) => (
                  <th key={text} scope="col">
                    {text}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((cells, nth) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own
                <tr key={nth}>
                  {cells.map((text, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: cells are told apart by their place
                    <td key={at}>{text}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </figure>
  );
}
