import { parser } from "@prometheus-io/lezer-promql";

/**
 * The PromQL expression with the label matcher in each of its selectors, so that a Prometheus that watches several
 * systems computes it for one. A selector that names the label already keeps what it says. Several values are a choice.
 */
export function scoped(expr: string, label: string, ...values: readonly string[]): string {
  const matcher = `${label}${values.length > 1 ? "=~" : "="}"${values.join("|")}"`;
  const inserts: { readonly at: number; readonly text: string }[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, from, to, node }) => {
      if (name === "⚠") throw new Error(`the expression "${expr}" is no PromQL`);
      if (name === "LabelMatchers") {
        const named = node.getChildren("UnquotedLabelMatcher").map((each) => labelOf(expr, each.from, each.to));
        const isEmpty = expr.slice(from + 1, to - 1).trim() === "";
        if (!named.includes(label)) inserts.push({ at: from + 1, text: isEmpty ? matcher : `${matcher},` });
      }
      if (name === "VectorSelector" && node.getChild("LabelMatchers") === null)
        inserts.push({ at: to, text: `{${matcher}}` });
    },
  });
  return inserts
    .sort((a, b) => b.at - a.at)
    .reduce((text, insert) => text.slice(0, insert.at) + insert.text + text.slice(insert.at), expr);
}

function labelOf(expr: string, from: number, to: number): string {
  return /^\w+/.exec(expr.slice(from, to))?.[0] ?? "";
}
