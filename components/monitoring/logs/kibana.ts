export interface KibanaArgs {
  readonly port: number;
  /** Where people reach it. */
  readonly url: string;
  readonly elasticsearch: string;
  readonly user: string;
  readonly password: string;
  /** At least 32 characters; what Kibana keeps for its users is encrypted with it. */
  readonly encryptionKey: string;
}

/** kibana.yml. https://www.elastic.co/docs/reference/kibana/configuration-reference */
export function kibanaSettings(args: KibanaArgs): Record<string, unknown> {
  return {
    "server.host": "0.0.0.0",
    "server.port": args.port,
    "server.publicBaseUrl": args.url,
    "elasticsearch.hosts": [args.elasticsearch],
    "elasticsearch.username": args.user,
    "elasticsearch.password": args.password,
    "xpack.security.encryptionKey": args.encryptionKey,
    "xpack.encryptedSavedObjects.encryptionKey": args.encryptionKey,
    "xpack.reporting.encryptionKey": args.encryptionKey,
    "telemetry.optIn": false,
    "telemetry.allowChangingOptInStatus": false,
    "newsfeed.enabled": false,
    "logging.root.level": "warn",
  };
}
