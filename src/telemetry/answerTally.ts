/** How many responses came from where. */
export interface AnswerTally {
  /** Sent again by the fast path. */
  memo: number;
  executed: number;
}
