import { type SearchCreatorsArgs, searchCreatorsArgs, searchQuery } from './creatorFilter.js';
import type { Endpoint } from './endpoint.js';
import { object, readRows, rows } from './lists.js';
import { read, within } from './reader.js';
import { authorShape, type CreatorSearchItem, itemOf, readAuthor } from './searchedCreator.js';
import { baseResp, shape } from './shape.js';
import { code, count, countOrZero, flag } from './values.js';

export interface CreatorSearch {
  readonly items: readonly CreatorSearchItem[];
  readonly pageSize: number | null;
  readonly hasNextPage: boolean;
  readonly totalCount: number | null;
}

/** The creators of a page. A plan counts as many, so more are never served. */
export const itemsPerPage = 20;

const body = { authors: rows, pagination: object };
const pagination = { page: code, limit: count, has_more: flag, total_count: countOrZero };

/** 搜索达人. Results shift from hour to hour. */
export const searchCreators: Endpoint<'searchCreators', SearchCreatorsArgs, CreatorSearch> = {
  name: 'searchCreators',
  path: '/api/douyin-xingtu/gw/api/gsearch/search_for_author_square/v1',
  ttlSeconds: 3_600,
  args: searchCreatorsArgs,
  query: searchQuery,
  subject: () => null,
  hasHistory: false,
  badInputMessage:
    'Upstream does not accept this filter or page. It may no longer know a filter, or one of its values. Ask with fewer filters to find out which.',
  shape: shape({
    reads: body,
    objects: {
      base_resp: baseResp,
      pagination: shape({ reads: pagination }),
      extra_data: shape({
        unread: [
          'intent_score',
          'is_cpm_project_search',
          'is_intent_consistent',
          'search_author_count',
          'search_item_count',
          'search_session_id',
        ],
      }),
    },
    rows: { authors: authorShape },
  }),
  isShapeExpected: () => true,
  mismatch({ page }, data) {
    if (rows(data['authors']).length > itemsPerPage) return `authors: more than ${itemsPerPage}`;
    const { page: given } = read(pagination, object(data['pagination']), () => {});
    return given === null || given === page ? null : 'pagination.page: another page';
  },
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const { limit, has_more, total_count } = read(pagination, raw.pagination, within(onDrift, 'pagination'));
    const authors = raw.authors.slice(0, itemsPerPage);
    return {
      items: readRows('authors', authors, readAuthor, onDrift),
      pageSize: limit,
      hasNextPage: has_more ?? authors.length === (limit ?? itemsPerPage),
      // Zero beside creators is filler.
      totalCount: total_count === 0 && authors.length > 0 ? null : total_count,
    };
  },
  upperBound: (idOf) => ({
    items: Array.from({ length: itemsPerPage }, (_, nth) => itemOf(idOf(nth), {}, [], () => {})),
    pageSize: itemsPerPage,
    hasNextPage: true,
    totalCount: null,
  }),
};
