import type { Policy } from "../../framework/policy.ts";
import { certificateKeyIsStrong } from "./certificate-key-is-strong.ts";
import { certificateRenewsItself } from "./certificate-renews-itself.ts";

/** Certificates of Certificate Manager. */
export const acm: readonly Policy[] = [certificateKeyIsStrong, certificateRenewsItself];
