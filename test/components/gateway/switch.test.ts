import assert from "node:assert/strict";
import fc from "fast-check";
import type { SwitchConfig } from "../../../components/gateway/switch.ts";
import { renderSwitch } from "../../../components/gateway/switch.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const config: SwitchConfig = {
  ports: [8000],
  health: { port: 8000, path: "/health" },
  hosts: { blue: "api-blue.s-frontend", green: "api-green.s-frontend" },
  gateways: ["10.0.1.0/24"],
  resolver: "127.0.0.11",
  workers: 1,
};

describe("the switch between two colours", () => {
  it("looks at each request which colour is live, and asks for names again", () => {
    const text = renderSwitch(config);
    const server = /server \{\s+listen 8000;[^]*?\n {2}\}/.exec(text)?.[0] ?? "";
    assert.match(server, /set \$live blue-8000;\s+if \(-f \/var\/tmp\/green\) \{\s+set \$live green-8000;\s+\}/);
    assert.match(server, /proxy_pass http:\/\/\$live;/);
    for (const colour of ["blue", "green"])
      assert.ok(text.includes(`server api-${colour}.s-frontend:8000 max_fails=3 fail_timeout=10s resolve;`));
    assert.ok(text.includes("resolver 127.0.0.11 valid=5s ipv6=off;"));
  });

  it("says on a port of its own whether each colour answers, also where health has another port", () => {
    const text = renderSwitch({ ...config, health: { port: 9000, path: "/well" } });
    assert.match(text, /location = \/green \{\s+proxy_pass http:\/\/green-9000\/well;/);
    assert.match(text, /upstream green-9000 \{/);
    assert.doesNotMatch(text, /listen 9000;/);
  });

  it("passes on what a gateway says of the client, and what others are", () => {
    const text = renderSwitch(config);
    assert.match(text, /geo \$is_gateway \{\s+default 0;\s+10\.0\.1\.0\/24 1;/);
    assert.match(text, /map \$is_gateway \$client_chain \{\s+1 \$http_x_forwarded_for;\s+default \$remote_addr;/);
    assert.ok(text.includes("proxy_set_header X-Forwarded-For $client_chain;"));
  });

  it("lets nothing end a directive", async () => {
    const evil = "x; } location /y { return 200 ";
    await assertBadInput(() => renderSwitch({ ...config, hosts: { ...config.hosts, green: evil } }), /hosts\.green/);
    await assertBadInput(() => renderSwitch({ ...config, gateways: [evil] }), /gateways/);
    await assertBadInput(() => renderSwitch({ ...config, health: { port: 8000, path: evil } }), /health\.path/);
    await assertBadInput(() => renderSwitch({ ...config, resolver: evil }), /resolver/);
    await assertBadInput(() => renderSwitch({ ...config, ports: [80] }), /ports is 80; write a port from 1024/);
    await assertBadInput(() => renderSwitch({ ...config, ports: [9180] }), /ports is 9180; write another port/);
    await assertBadInput(() => renderSwitch({ ...config, ports: [] }), /at least one port/);
    await assertBadInput(() => renderSwitch({ ...config, workers: 0 }), /workers/);
  });

  it("opens as many blocks as it closes, whatever its ports are", () => {
    const port = fc.integer({ min: 1024, max: 65_535 }).filter((each) => each !== 9180);
    fc.assert(
      fc.property(fc.uniqueArray(port, { minLength: 1, maxLength: 4 }), port, (ports, health) => {
        const text = renderSwitch({ ...config, ports, health: { port: health, path: "/health" } });
        assert.equal(text.split("{").length, text.split("}").length);
        assert.equal(text.match(/^ {4}listen /gm)?.length, ports.length + 1);
      }),
    );
  });
});
