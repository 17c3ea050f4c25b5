import type { ReactNode } from 'react';
import type { VideoFieldsFragment } from '../generated/graphql.js';
import { formatCell, formatTime } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';

interface VideosProps {
  readonly title: string;
  readonly videos: readonly VideoFieldsFragment[];
  /** Made-up creators have none: with the sandbox, no other host is asked for pictures. */
  readonly areCoversShown: boolean;
}

/** Videos with their covers. */
export function Videos({ title, videos, areCoversShown }: VideosProps): ReactNode {
  const { language, t } = useSpeech();
  if (videos.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="videos">
        {videos.map(
          ({ id, url, title: name, coverUrl, createdAt, playCount, likeCount, commentCount, shareCount }) => (
            <li key={id}>
              <a href={url} rel="noreferrer" target="_blank">
                {coverUrl && areCoversShown && (
                  <img src={coverUrl} alt="" loading="lazy" referrerPolicy="no-referrer" />
                )}
                <span className="video-title">{name ?? id}</span>
              </a>
              <span className="muted">
                {createdAt && formatTime(createdAt, language)}
                <br />
                {t.facts.plays} {formatCell(playCount, 'count', language)} · {t.facts.likes}{' '}
                {formatCell(likeCount, 'count', language)}
                <br />
                {t.facts.comments} {formatCell(commentCount, 'count', language)} · {t.facts.shares}{' '}
                {formatCell(shareCount, 'count', language)}
              </span>
            </li>
          ),
        )}
      </ul>
    </>
  );
}
