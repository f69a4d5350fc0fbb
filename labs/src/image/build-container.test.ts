import { expect, test } from "vitest";
import { proxyOptions } from "./build-container.ts";

test("package installs are told of the machine's proxy in both spellings, and of nothing else", () => {
  expect(proxyOptions({ HTTPS_PROXY: "http://proxy.test:3128", GOPROXY: "off", no_proxy: "" })).toEqual([
    ...["--env", "HTTPS_PROXY=http://proxy.test:3128"],
    ...["--env", "https_proxy=http://proxy.test:3128"],
  ]);
  expect(proxyOptions({ HTTP_PROXY: "http://a.test", http_proxy: "http://b.test" })).toEqual([
    ...["--env", "HTTP_PROXY=http://a.test"],
    ...["--env", "http_proxy=http://b.test"],
  ]);
});
