// What the reference service knows: advice about running a platform, composed from parts, so that the image needs no
// data and every machine has the same.
const PARTS = [
  "PostgreSQL",
  "the connection pool",
  "a Redis cluster",
  "MongoDB",
  "RabbitMQ",
  "nginx",
  "the certificate",
  "a Swarm service",
  "a Kubernetes deployment",
  "the autoscaler",
  "Prometheus",
  "Grafana",
  "the log pipeline",
  "the backup",
  "the CDN",
  "a queue",
  "the API gateway",
  "a worker",
  "the scraper",
  "a secret",
  "the network overlay",
  "the disk",
  "the GPU",
  "the scheduler",
  "a container image",
  "the health check",
  "the circuit breaker",
  "the rate limiter",
  "the cache",
  "DNS",
  "the load balancer",
  "the event loop",
];
const SITUATIONS = [
  "is slow under load",
  "does not start",
  "runs out of memory",
  "refuses connections",
  "loses messages",
  "answers with errors",
  "was deployed an hour ago",
  "fails over to the other region",
  "grows without bound",
  "is about to expire",
  "has no replicas left",
  "drifts from its declaration",
  "costs more than planned",
  "is restored from a dump",
  "is rolled back",
  "is upgraded",
];
const ADVICE = [
  "compare its metrics with those of last week before changing anything",
  "look at the first error in its log, not at the last one",
  "raise its limit by a quarter, watch it for an hour, then decide",
  "take one replica out of rotation and try the change there",
  "check that its dependencies answer within their time limits",
  "make sure that the last backup can be read before going on",
  "tell the people on call what you are about to do",
  "write down what you saw, so that the next alert links to it",
];

/** 4,096 sentences, in an order that never changes. */
export function passages(): string[] {
  return PARTS.flatMap((part) =>
    SITUATIONS.flatMap((situation) => ADVICE.map((advice) => `When ${part} ${situation}, ${advice}.`)),
  );
}
