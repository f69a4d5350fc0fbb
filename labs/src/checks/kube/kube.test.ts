import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../process.ts";
import { createKube, type Kube } from "./kube.ts";
import { createTransport, KubeError, KubeUnreachable, type ClusterAccess } from "./transport.ts";

/**
 * A stand-in for the API server: answers what `answers` has for a path (`echo`: the body sent), 404
 * otherwise, and notes what it was asked.
 */
let server: Server;
let access: ClusterAccess;
let otherCa: string;
let kube: Kube;
let close: () => void;
let asked: { method: string; url: string; contentType?: string; body: string }[] = [];
let answers: Record<string, unknown> = {};

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "drydock-kube-"));
  const certificate = async (name: string) => {
    const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)];
    const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
    await run("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      cert,
      ...subject,
    ]);
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  };
  const [own, other] = await Promise.all([certificate("own"), certificate("other")]);
  rmSync(dir, { recursive: true });
  server = createServer({ key: own.key, cert: own.cert }, handle).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  access = { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: own.cert };
  otherCa = other.cert;
});
beforeEach(() => {
  asked = [];
  answers = {};
  close?.();
  ({ kube, close } = createKube(access));
});
afterAll(() => {
  close();
  server.closeAllConnections();
  server.close();
});

function handle(request: IncomingMessage, response: ServerResponse): void {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    asked.push({ method: request.method!, url: request.url!, contentType: request.headers["content-type"], body });
    const answer = answers[request.url!] ?? answers[request.url!.split("?")[0]!];
    if (answer === "silence") return;
    if (answer === "echo") return response.end(body);
    const status = (answer as { code?: number } | undefined)?.code ?? (answer === undefined ? 404 : 200);
    response.statusCode = status;
    response.end(JSON.stringify(answer ?? { kind: "Status", reason: "NotFound", message: "not found" }));
  });
}

describe("the grader's client", () => {
  it("answers undefined for an object that does not exist", async () => {
    answers["/api/v1/nodes/node01"] = { metadata: { name: "node01" }, spec: {} };
    expect((await kube.node("node01"))?.metadata.name).toBe("node01");
    expect(await kube.node("node02")).toBeUndefined();
    expect(await kube.deployment("web", "shop")).toBeUndefined();
    expect(asked.map((one) => one.url)).toEqual([
      "/api/v1/nodes/node01",
      "/api/v1/nodes/node02",
      "/apis/apps/v1/namespaces/shop/deployments/web",
    ]);
  });

  it("throws what the API server refuses, with its words", async () => {
    answers["/api/v1/nodes/node01"] = { code: 403, reason: "Forbidden", message: "nodes is forbidden" };
    const error = await kube.node("node01").catch((one: unknown) => one);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({
      status: 403,
      reason: "Forbidden",
      message: expect.stringContaining("nodes is forbidden") as string,
    });
  });

  it("refuses a server that another authority vouches for", async () => {
    const stranger = createKube({ ...access, ca: otherCa });
    await expect(stranger.kube.node("node01")).rejects.toBeInstanceOf(KubeUnreachable);
    expect(asked).toEqual([]);
    expect(await stranger.kube.health()).toMatchObject({ ready: false });
    stranger.close();
  });

  it("gives up on a server that does not answer, and on an answer that does not end", async () => {
    answers["/slow"] = "silence";
    answers["/large"] = { text: "x".repeat(100_000) };
    const transport = createTransport(access);
    await expect(transport.call("GET", "/slow", { timeoutMs: 100 })).rejects.toThrow(/does not answer/);
    await expect(transport.call("GET", "/large", { maxBytes: 1000 })).rejects.toThrow(/larger than 1000 bytes/);
    transport.close();
  });

  it("selects by namespace, labels and node", async () => {
    answers["/api/v1/namespaces/shop/pods"] = { items: [{ metadata: { name: "a" } }] };
    answers["/api/v1/pods"] = { items: null };
    expect(await kube.pods({ namespace: "shop", labels: { app: "web", tier: "front" }, node: "node01" })).toHaveLength(1);
    expect(await kube.pods()).toEqual([]);
    const query = new URL(asked[0]!.url, "https://x").searchParams;
    expect(Object.fromEntries(query)).toEqual({ labelSelector: "app=web,tier=front", fieldSelector: "spec.nodeName=node01" });
  });

  it("asks the API server where objects of a kind that it does not know are, once", async () => {
    answers["/apis/gateway.networking.k8s.io/v1"] = {
      resources: [
        { name: "gateways/status", kind: "Gateway", namespaced: true },
        { name: "gateways", kind: "Gateway", namespaced: true },
      ],
    };
    answers["/apis/gateway.networking.k8s.io/v1/gateways"] = { items: [] };
    await kube.get("gateway.networking.k8s.io/v1", "Gateway", "edge", "shop");
    await kube.list("gateway.networking.k8s.io/v1", "Gateway");
    expect(asked.map((one) => one.url.replace(/\?$/, ""))).toEqual([
      "/apis/gateway.networking.k8s.io/v1",
      "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways/edge",
      "/apis/gateway.networking.k8s.io/v1/gateways",
    ]);
    await expect(kube.get("gateway.networking.k8s.io/v1", "Nonsense", "x")).rejects.toThrow(/no kind Nonsense/);
  });

  it("applies on the server's side, and takes no offence at removing what is not there", async () => {
    answers["/api/v1/namespaces/default/configmaps/probe"] = "echo";
    await kube.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "probe" }, data: { a: "1" } });
    await kube.remove("v1", "Namespace", "gone");
    expect(asked[0]).toMatchObject({ method: "PATCH", contentType: "application/apply-patch+yaml" });
    expect(asked[0]!.url).toContain("force=true");
    expect(asked[1]).toMatchObject({ method: "DELETE", url: "/api/v1/namespaces/gone" });
  });

  it("removes a probe namespace even where the probe fails", async () => {
    answers["/api/v1/namespaces"] = "echo";
    const probe = kube.withProbeNamespace(async (name) => {
      answers[`/api/v1/namespaces/${name}`] = {};
      throw new Error(`in ${name}`);
    });
    const account = setInterval(() => {
      const asking = asked.find((one) => one.url.endsWith("/serviceaccounts/default"));
      if (asking) answers[asking.url] = { metadata: { name: "default" } };
    }, 20);
    await expect(probe).rejects.toThrow(/in drydock-probe-/);
    clearInterval(account);
    expect(asked.at(-1)).toMatchObject({
      method: "DELETE",
      url: expect.stringMatching(/^\/api\/v1\/namespaces\/drydock-probe-/) as string,
    });
  });
});
