import type { Language, Phase } from "@drydock/server/contract";

/**
 * The server names its phases in English. Here are those that a learner meets, by id, in the other
 * languages; others stay English.
 */
const korean: Record<string, string> = {
  engine: "컨테이너 엔진 찾기",
  kind: "kind 빌드",
  "node-base": "노드 이미지의 바탕 고르기",
  "go-programs": "쿠버네티스 빌드",
  "node-system": "노드용 데비안 설치",
  "mirror-images": "레지스트리 미러의 이미지 빌드",
  "node-image": "노드 이미지 만들기",
  extras: "노드 이미지에 helm 추가",
  sandboxes: "사용 중인 클러스터 이어받기",
  machine: "컴퓨터 준비를 기다림",
  queue: "차례를 기다림",
  room: "빈자리를 기다림",
  "sandbox-network": "네트워크 만들기",
  "sandbox-cluster": "클러스터 시작",
  "sandbox-ready": "노드가 준비되기를 기다림",
  setup: "과제 준비",
};

/** What a phase is called, and in which language that is. */
export function phaseTitle(phase: Phase, language: Language): { text: string; lang: Language } {
  const translated = language === "ko" ? korean[phase.id] : undefined;
  return translated === undefined ? { text: phase.title, lang: "en" } : { text: translated, lang: language };
}
