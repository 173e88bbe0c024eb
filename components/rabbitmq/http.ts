/**
 * A function of bash that asks RabbitMQ's HTTP API: the image has no curl, but bash speaks TCP. `api METHOD PATH [FILE]`
 * prints the body and fails unless the answer is 2xx. HTTP/1.0, so that the body ends with the connection and is never
 * cut in chunks. The password goes from its file into the request and into no process list: `printf` and `read` are built
 * in, and `base64` reads its input.
 */
export function managementClient(): string {
  return `api() {
  local method=$1 path=$2 file=\${3:-/dev/null} status line credentials
  credentials=$(printf '%s:%s' "$RABBITMQ_USER" "$(cat "$RABBITMQ_PASSWORD_FILE")" | base64 -w 0)
  exec 3<>"/dev/tcp/$RABBITMQ_HOST/$RABBITMQ_MANAGEMENT_PORT" || return 1
  {
    printf '%s %s HTTP/1.0\\r\\nHost: %s\\r\\nAuthorization: Basic %s\\r\\n' "$method" "$path" "$RABBITMQ_HOST" "$credentials"
    printf 'Content-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n' "$(wc -c <"$file" | tr -d ' ')"
    cat "$file"
  } >&3
  read -r -t 60 _ status _ <&3 || status=none
  while read -r -t 60 line <&3 && [ -n "\${line%$'\\r'}" ]; do :; done
  cat <&3
  exec 3>&-
  case $status in
    2??) return 0 ;;
    *) echo "RabbitMQ answered $status to $method $path" >&2; return 1 ;;
  esac
}
`;
}
