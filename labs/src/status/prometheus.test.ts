import { expect, test } from "vitest";
import { parsePrometheus } from "./prometheus.ts";

test("values are read with their labels, whatever these hold; comments and what is no value are left out", () => {
  const text = [
    "# HELP drydock_sandboxes Sandboxes by state",
    "# TYPE drydock_sandboxes gauge",
    'drydock_sandboxes{state="leased",frozen="false"} 2',
    "",
    "process_start_time_seconds 1789999999",
    "nodejs_eventloop_lag_mean_seconds Nan",
    'http_bucket{le="+Inf",path="a \\"b\\" {c}, \\\\d\\ne"} +Inf',
    "small 1.5e-7 1700000000",
    "no value",
  ].join("\n");
  expect(parsePrometheus(text)).toEqual([
    { name: "drydock_sandboxes", labels: { state: "leased", frozen: "false" }, value: 2 },
    { name: "process_start_time_seconds", labels: {}, value: 1789999999 },
    { name: "nodejs_eventloop_lag_mean_seconds", labels: {}, value: NaN },
    { name: "http_bucket", labels: { le: "+Inf", path: 'a "b" {c}, \\d\ne' }, value: Infinity },
    { name: "small", labels: {}, value: 1.5e-7 },
  ]);
});
