import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import type { ColumnKind } from '../../columns/columns.js';
import type { CellValue } from '../../columns/selection.js';
import { historyChart } from '../charts/historyChart.js';
import { DataTable, type TableColumn } from '../parts/DataTable.js';
import { formatCell, formatTime } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';
import type { CreatorSection, LoadedSections, SectionOf } from './creatorSections.js';
import { touchChart } from './touchChart.js';
import { Videos } from './Videos.js';

const Chart = lazy(() => import('../charts/Chart.js').then((module) => ({ default: module.Chart })));

/** What a section says. */
export function SectionBody({
  name,
  sections,
  areCoversShown,
}: {
  readonly name: CreatorSection;
  readonly sections: LoadedSections;
  readonly areCoversShown: boolean;
}): ReactNode {
  const { t } = useSpeech();
  const { profile, prices, cpMetrics, performance, indices, audience, followers, connectedUsers } = sections;
  const { audienceTouch, latestVideos, recommendedVideos } = sections;
  switch (name) {
    case 'profile':
      return profile && <Profile profile={profile} />;
    case 'prices':
      return prices && <Prices prices={prices} />;
    case 'cpMetrics':
      return cpMetrics && <CpMetrics metrics={cpMetrics} />;
    case 'performance':
      return performance && <Performance performance={performance} />;
    case 'indices':
      return indices && <Indices indices={indices} />;
    case 'audience':
      return audience && <Dimensions dimensions={audience.dimensions} />;
    case 'followers':
      return followers && <Dimensions dimensions={followers.dimensions} />;
    case 'connectedUsers':
      return connectedUsers && <ConnectedUsers users={connectedUsers} />;
    case 'audienceTouch':
      return audienceTouch && <AudienceTouch touch={audienceTouch} />;
    case 'latestVideos':
      return (
        latestVideos && (
          <>
            <Videos title={t.personal} videos={latestVideos.personal} areCoversShown={areCoversShown} />
            <Videos title={t.sponsored} videos={latestVideos.sponsored} areCoversShown={areCoversShown} />
          </>
        )
      );
    case 'recommendedVideos':
      return (
        recommendedVideos && (
          <>
            <Videos
              title={t.masterpieces}
              videos={recommendedVideos.masterpieces}
              areCoversShown={areCoversShown}
            />
            <Videos
              title={t.sponsoredHot}
              videos={recommendedVideos.sponsoredHot}
              areCoversShown={areCoversShown}
            />
            <Videos
              title={t.personalHot}
              videos={recommendedVideos.personalHot}
              areCoversShown={areCoversShown}
            />
          </>
        )
      );
  }
}

type Fact = readonly [title: string, value: CellValue, kind: ColumnKind];

function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  const { language } = useSpeech();
  return (
    <dl className="facts">
      {facts.map(([title, value, kind]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{formatCell(value, kind, language)}</dd>
        </div>
      ))}
    </dl>
  );
}

const amountOf = (money: { readonly amount: string } | null | undefined) =>
  money ? Number(money.amount) : null;

function Profile({ profile }: { readonly profile: SectionOf<'profile'> }): ReactNode {
  const { language, t } = useSpeech();
  const { gender } = profile;
  return (
    <Facts
      facts={[
        [t.facts.name, profile.name, 'text'],
        [t.followerCount, profile.followerCount, 'count'],
        [t.facts.averagePlays, profile.averagePlayCount, 'count'],
        [t.gender, gender === 'UNKNOWN' ? null : t[gender], 'text'],
        [t.locations, [profile.province, profile.city].filter((place) => place !== null), 'list'],
        [t.contentTags, profile.tags.flatMap(({ name, children }) => [name, ...children]), 'list'],
        [t.contentThemes, profile.contentThemes, 'list'],
        [t.facts.mcn, profile.mcn?.name ?? null, 'text'],
        [t.facts.lowestPrice, amountOf(profile.lowestPrice), 'money'],
        [t.facts.douyinId, profile.douyinId, 'text'],
        [t.facts.joinedAt, profile.joinedAt && formatTime(profile.joinedAt, language), 'text'],
      ]}
    />
  );
}

function Prices({ prices }: { readonly prices: SectionOf<'prices'> }): ReactNode {
  const speech = useSpeech();
  const { t } = speech;
  const history = useMemo(
    () => historyChart([{ name: t.VIDEO_21_60S, prices: [prices, ...prices.history] }], speech),
    [prices, speech, t],
  );
  type Row = (typeof prices.items)[number];
  const columns: readonly TableColumn<Row>[] = [
    { key: 'label', title: t.facts.order, kind: 'text', value: ({ label, type }) => label ?? type },
    { key: 'price', title: t.price, kind: 'money', value: ({ price }) => amountOf(price) },
    {
      key: 'originalPrice',
      title: t.facts.originalPrice,
      kind: 'money',
      value: ({ originalPrice }) => amountOf(originalPrice),
    },
    {
      key: 'perThousandPlays',
      title: t.facts.perThousandPlays,
      kind: 'money',
      value: ({ naturalPlay }) => amountOf(naturalPlay?.perThousandPlays),
    },
    {
      key: 'isAvailable',
      title: t.facts.availability,
      kind: 'text',
      value: ({ isAvailable }) => (isAvailable === null ? null : isAvailable ? t.available : t.unavailable),
    },
    {
      key: 'settlement',
      title: t.facts.settlement,
      kind: 'text',
      value: ({ settlementLabel }) => settlementLabel,
    },
  ];
  return (
    <>
      <SortedTable caption={t.sections.prices} columns={columns} rows={prices.items} idOf={({ id }) => id} />
      <h3>{t.historyChart}</h3>
      {prices.history.length === 0 ? (
        <p className="muted">{t.historyEmpty}</p>
      ) : (
        <Suspense fallback={<p>{t.loading}</p>}>
          <Chart title={t.historyChart} {...history} />
        </Suspense>
      )}
    </>
  );
}

function CpMetrics({ metrics }: { readonly metrics: SectionOf<'cpMetrics'> }): ReactNode {
  const { t } = useSpeech();
  const rows = [
    { length: t.VIDEO_1_20S, cpm: metrics.expectedCpm.seconds1To20, cpe: metrics.expectedCpe.seconds1To20 },
    {
      length: t.VIDEO_21_60S,
      cpm: metrics.expectedCpm.seconds21To60,
      cpe: metrics.expectedCpe.seconds21To60,
    },
    {
      length: t.VIDEO_OVER_60S,
      cpm: metrics.expectedCpm.secondsOver60,
      cpe: metrics.expectedCpe.secondsOver60,
    },
  ];
  return (
    <>
      <Facts
        facts={[
          [t.expectedPlayCount, metrics.expectedPlayCount, 'count'],
          [t.viralRate, metrics.viralRate, 'rate'],
          [t.facts.expectedEngagementRate, metrics.expectedEngagementRate, 'rate'],
          [t.facts.expectedEngagements, metrics.expectedEngagementCount, 'count'],
        ]}
      />
      <SortedTable
        caption={t.sections.cpMetrics}
        columns={[
          { key: 'length', title: t.priceType, kind: 'text', value: ({ length }) => length },
          { key: 'cpm', title: t.expectedCpm, kind: 'money', value: ({ cpm }) => amountOf(cpm) },
          { key: 'cpe', title: t.expectedCpe, kind: 'money', value: ({ cpe }) => amountOf(cpe) },
        ]}
        rows={rows}
        idOf={({ length }) => length}
      />
    </>
  );
}

function Performance({ performance }: { readonly performance: SectionOf<'performance'> }): ReactNode {
  const { t } = useSpeech();
  return (
    <Facts
      facts={[
        [t.facts.medianPlays, performance.medianPlayCount, 'count'],
        [t.completionRate, performance.completionRate, 'rate'],
        [t.engagementRate, performance.engagementRate, 'rate'],
        [t.facts.averageLikes, performance.averageLikeCount, 'count'],
        [t.facts.averageComments, performance.averageCommentCount, 'count'],
        [t.facts.averageShares, performance.averageShareCount, 'count'],
        [t.facts.videos, performance.videoCount, 'count'],
      ]}
    />
  );
}

const indexNames = [
  'overall',
  'spread',
  'seeding',
  'conversion',
  'costEffectiveness',
  'cooperation',
] as const;

function Indices({ indices }: { readonly indices: SectionOf<'indices'> }): ReactNode {
  const { t } = useSpeech();
  const rows = indexNames.flatMap((name) => {
    const index = indices[name];
    return index ? [{ ...index, name }] : [];
  });
  return (
    <SortedTable
      caption={t.sections.indices}
      columns={[
        { key: 'name', title: t.sections.indices, kind: 'text', value: ({ name }) => t.indices[name] },
        { key: 'value', title: t.facts.value, kind: 'number', value: ({ value }) => value },
        {
          key: 'marketAverage',
          title: t.facts.marketAverage,
          kind: 'number',
          value: ({ marketAverage }) => marketAverage,
        },
        { key: 'rank', title: t.facts.rank, kind: 'count', value: ({ rank }) => rank },
        { key: 'topShare', title: t.facts.topShare, kind: 'rate', value: ({ topShare }) => topShare },
      ]}
      rows={rows}
      idOf={({ name }) => name}
    />
  );
}

/** Of provinces and cities there are dozens. */
const mostBuckets = 12;

function Dimensions({ dimensions }: { readonly dimensions: SectionOf<'audience'>['dimensions'] }): ReactNode {
  const { language, t } = useSpeech();
  const labelOf = (key: string) => ({ male: t.genders.male, female: t.genders.female })[key] ?? key;
  return (
    <div className="grid wide">
      {dimensions.map(({ kind, label, buckets }) => {
        const shown = buckets.toSorted((a, b) => (b.count ?? 0) - (a.count ?? 0)).slice(0, mostBuckets);
        const most = Math.max(...shown.map(({ count }) => count ?? 0), 1);
        return (
          <section key={`${kind} ${label}`}>
            <h3>{label ?? kind}</h3>
            <ul className="bars">
              {(kind === 'AGE' ? buckets : shown).map(({ key, count, share }) => (
                <li key={key}>
                  <span>{labelOf(key)}</span>
                  <span className="track">
                    <span style={{ inlineSize: `${(100 * (count ?? 0)) / most}%` }} />
                  </span>
                  <span className="numeric">
                    {share === null
                      ? formatCell(count, 'count', language)
                      : formatCell(share, 'rate', language)}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function ConnectedUsers({ users }: { readonly users: SectionOf<'connectedUsers'> }): ReactNode {
  const { t } = useSpeech();
  return (
    <>
      <Facts
        facts={[
          [t.connectedUserCount, users.total?.count ?? null, 'count'],
          [t.facts.change, users.total?.change ?? null, 'rate'],
          [t.facts.topShare, users.total?.topShare ?? null, 'rate'],
        ]}
      />
      <SortedTable
        caption={t.sections.connectedUsers}
        columns={[
          { key: 'stage', title: t.facts.stage, kind: 'text', value: ({ stage }) => t.stages[stage] },
          { key: 'count', title: t.facts.people, kind: 'count', value: ({ count }) => count },
          { key: 'share', title: t.facts.share, kind: 'rate', value: ({ share }) => share },
          {
            key: 'median',
            title: t.facts.industryMedian,
            kind: 'count',
            value: ({ industryMedianCount }) => industryMedianCount,
          },
        ]}
        rows={users.stages}
        idOf={({ stage }) => stage}
      />
    </>
  );
}

function AudienceTouch({ touch }: { readonly touch: SectionOf<'audienceTouch'> }): ReactNode {
  const speech = useSpeech();
  const chart = useMemo(() => touchChart(touch.categories, speech), [touch, speech]);
  return (
    <Suspense fallback={<p>{speech.t.loading}</p>}>
      <Chart title={speech.t.sections.audienceTouch} {...chart} height={420} />
    </Suspense>
  );
}

interface SortedTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
}

/** A table that keeps its order by itself. */
function SortedTable<Row extends object>(props: SortedTableProps<Row>): ReactNode {
  const [sort, setSort] = useState('');
  return <DataTable {...props} sort={sort} onSort={setSort} />;
}
