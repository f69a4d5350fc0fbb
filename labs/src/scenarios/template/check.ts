import { check, checks, expect } from "@drydock/labs/checks";

export default checks(({ kube }) => [
  check("created", async () => {
    const greeting = await kube.configMap("greeting", "SLUG");
    return expect(greeting).toExist({
      en: "a ConfigMap greeting in the namespace SLUG",
      ko: "네임스페이스 SLUG의 ConfigMap greeting",
    });
  }),

  check("text", { after: ["created"] }, async () => {
    const greeting = await kube.configMap("greeting", "SLUG");
    return expect(greeting?.data?.text).toBe("hello", { en: "the key text is hello", ko: "키 text의 값은 hello" });
  }),
]);
