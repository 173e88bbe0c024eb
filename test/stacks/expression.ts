/** What a request or its answer has, by Cloudflare's name of the field. */
export type Fields = Readonly<Record<string, string | number>>;

type Value = string | number | boolean | readonly (string | number)[];

const TOKEN = /"(?:\\.|[^"\\])*"|\d+(?:\.\d+){3}\/\d+|\d+|[a-z_][\w.]*|[(){},]/g;

/** Whether a rule's expression holds; as much of the language as our rules use. https://developers.cloudflare.com/ruleset-engine/rules-language/ */
export function holds(expression: string, fields: Fields): boolean {
  const tokens = expression.match(TOKEN) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  const take = (token: string): boolean => tokens[at] === token && ++at > 0;
  const expect = (token: string): void => {
    const found = next();
    if (found !== token) throw new Error(`${expression}: ${token} is missing at ${found}`);
  };

  const any = (): boolean => {
    let value = every();
    while (take("or")) value = every() || value;
    return value;
  };
  const every = (): boolean => {
    let value = single();
    while (take("and")) value = single() && value;
    return value;
  };
  const single = (): boolean => {
    if (take("not")) return !single();
    if (take("(")) {
      const value = any();
      expect(")");
      return value;
    }
    const left = operand();
    return typeof left === "boolean" ? left : compared(left, next(), operand());
  };
  const operand = (): Value => {
    const token = next();
    if (token === "{") {
      const members: (string | number)[] = [];
      while (!take("}")) members.push(literal(next()));
      return members;
    }
    if (token === "starts_with") {
      expect("(");
      const text = String(operand());
      expect(",");
      const start = String(operand());
      expect(")");
      return text.startsWith(start);
    }
    if (token === "true") return true;
    return /^["\d]/.test(token) ? literal(token) : (fields[token] ?? unknown(token));
  };

  const result = any();
  if (at < tokens.length) throw new Error(`${expression}: ${tokens[at]} is too much`);
  return result;
}

function literal(token: string): string | number {
  if (token.startsWith('"')) return JSON.parse(token) as string;
  return /^\d+$/.test(token) ? Number(token) : token;
}

function compared(left: Value, operator: string, right: Value): boolean {
  switch (operator) {
    case "eq":
      return left === right;
    case "ge":
      return Number(left) >= Number(right);
    case "contains":
      return String(left).includes(String(right));
    case "in":
      return Array.isArray(right) && right.includes(left);
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

function unknown(field: string): never {
  throw new Error(`the request has no ${field}`);
}
