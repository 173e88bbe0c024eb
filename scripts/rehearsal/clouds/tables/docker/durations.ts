const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** Go's notation as seconds. https://pkg.go.dev/time#ParseDuration */
export function secondsOf(written: string): number {
  return [...written.matchAll(/([\d.]+)(ms|us|µs|ns|h|m|s)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ""] ?? 0),
    0,
  );
}

/**
 * A duration as the provider writes it into the state: Go's own, less a zero at the end (`1m`, not `1m0s` or `60s`).
 * https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_service_structures.go, shortDur
 */
export function shortDuration(written: string): string {
  const millis = Math.round(secondsOf(written) * 1000);
  if (millis < 1000) return millis === 0 ? "0s" : `${millis}ms`;
  const whole = `${Math.floor(millis / 3_600_000)}h${Math.floor((millis % 3_600_000) / 60_000)}m${(millis % 60_000) / 1000}s`;
  return whole
    .replace(/^0h(0m)?/, "")
    .replace(/(?<=m)0s$/, "")
    .replace(/(?<=h)0m$/, "");
}
