import type { EChartsCoreOption } from 'echarts/core';

/** A chart as ECharts draws it, and as a table. */
export interface ChartData {
  readonly option: EChartsCoreOption;
  /** The first row has the titles. */
  readonly table: readonly (readonly string[])[];
}
