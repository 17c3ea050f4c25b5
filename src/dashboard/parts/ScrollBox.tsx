import type { ReactNode } from 'react';

interface ScrollBoxProps {
  /** What the box holds, for screen readers. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A box that scrolls what is wider than the page. */
export function ScrollBox({ label, children }: ScrollBoxProps): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard could not scroll the box
    <section className="table-box" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
