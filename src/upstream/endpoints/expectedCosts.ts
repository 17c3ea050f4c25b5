import type { Money } from '../../money.js';
import type { JsonObject } from '../json.js';
import { type OnDrift, read, within } from './reader.js';
import { shape } from './shape.js';
import { fen } from './values.js';

export interface MoneyByDuration {
  readonly seconds1To20: Money | null;
  readonly seconds21To60: Money | null;
  readonly secondsOver60: Money | null;
}

export interface ExpectedCosts {
  readonly expectedCpm: MoneyByDuration;
  readonly expectedCpe: MoneyByDuration;
}

const cpm = { cpm_1_20: fen, cpm_21_60: fen, cpm_60: fen };
const cpe = { cpe_1_20: fen, cpe_21_60: fen, cpe_60: fen };

/** The shapes of the two objects in a body. */
export const expectedCostShapes = { expect_cpm: shape({ reads: cpm }), expect_cpe: shape({ reads: cpe }) };

/** What 1,000 plays and an engagement of the next video cost, from fen. Two endpoints have it in the same form. */
export function readExpectedCosts(
  raw: Readonly<Record<keyof typeof expectedCostShapes, JsonObject>>,
  onDrift: OnDrift,
): ExpectedCosts {
  const rawCpm = read(cpm, raw.expect_cpm, within(onDrift, 'expect_cpm'));
  const rawCpe = read(cpe, raw.expect_cpe, within(onDrift, 'expect_cpe'));
  return {
    expectedCpm: {
      seconds1To20: rawCpm.cpm_1_20,
      seconds21To60: rawCpm.cpm_21_60,
      secondsOver60: rawCpm.cpm_60,
    },
    expectedCpe: {
      seconds1To20: rawCpe.cpe_1_20,
      seconds21To60: rawCpe.cpe_21_60,
      secondsOver60: rawCpe.cpe_60,
    },
  };
}
