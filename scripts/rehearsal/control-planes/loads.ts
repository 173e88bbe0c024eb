/** What the pods of a workload use. */
export type Load =
  /** Each pod this share of what it requests, e.g. 0.9, however many there are. */
  | { readonly share: number }
  /** So much in all, in cores, spread evenly over the pods that run; memory stays at the default share. */
  | { readonly cores: number }
  /** So much waits for it in all, in what its ScaledObject counts, such as messages; its pods stay at the default share. */
  | { readonly waiting: number };

/** What pods use of their requests unless something is set: busy enough to be seen, too little to scale anything. */
export const DEFAULT_SHARE = 0.3;
