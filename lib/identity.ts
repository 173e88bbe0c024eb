/**
 * Every resource that can carry a tag carries its own URN, so that after a killed run `groundwork recover` can tell
 * what exists in the cloud from what the state knows. AWS and Docker call it a tag or label, Kubernetes an annotation.
 */
export const URN_TAG = "groundwork:urn";

/** Docker label and Kubernetes annotation keys follow DNS-prefix rules, which AWS's tag key above does not. */
export const URN_LABEL = "groundwork.dev/urn";

/** AWS allows letters, digits, spaces and `+ - = . _ : / @` in tag values, so `$` of a URN's type chain becomes `@`. */
const AWS_TAG_VALUE_LIMIT = 256;

/**
 * The value that a resource with this URN carries in {@link URN_TAG}. A URN that does not fit into AWS's 256 characters
 * is cut from the left: its end (type and name) is what tells resources of one stack apart.
 */
export function urnTagValue(urn: string): string {
  return urn.replaceAll("$", "@").slice(-AWS_TAG_VALUE_LIMIT);
}
