import { creatorFields } from '../setUp.js';
import { marker } from './load.js';

/** What a page about a creator asks, over and over. */
export const page = `query Page($id: ID!) { creator(id: $id) { ${creatorFields} } }`;

/**
 * The same, under names that no document had before. They are in the answer too, so that no cache can take it for one
 * that it knows, however well it normalises.
 */
export const neverSeen = page
  .replace('Page', `Page${marker}`)
  .replace('creator(', `creator${marker}: creator(`)
  .replace('profile {', `profile${marker}: profile {`)
  .replace('cpMetrics {', `cpMetrics${marker}: cpMetrics {`)
  .replace('followerCount', `followers${marker}: followerCount`);
