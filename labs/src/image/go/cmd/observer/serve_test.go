package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// talk begins a session; ask sends a question, the function it gives waits for an answer.
func talk(t *testing.T) (ask func(map[string]any), next func() map[string]any) {
	input, questions := io.Pipe()
	answers, output := io.Pipe()
	go func() {
		newObserver().session(input, output)
		output.Close()
	}()
	t.Cleanup(func() { questions.Close() })
	encoder, decoder := json.NewEncoder(questions), json.NewDecoder(answers)
	ask = func(question map[string]any) {
		question["node"] = map[string]any{"pid": itself.PID, "container": containerOf(t, itself.PID)}
		if err := encoder.Encode(question); err != nil {
			t.Fatal(err)
		}
	}
	next = func() map[string]any {
		var answer map[string]any
		if err := decoder.Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	return ask, next
}

func TestASessionAnswersEachQuestion(t *testing.T) {
	ask, next := talk(t)
	ask(map[string]any{"id": 1, "ask": "stat", "path": "/etc"})
	if got := next(); got["id"] != 1.0 || got["result"].(map[string]any)["type"] != "directory" {
		t.Errorf("%v", got)
	}
	for code, question := range map[string]map[string]any{
		"missing": {"id": 2, "ask": "read", "path": "/no/such/file"},
		"usage":   {"id": 2, "ask": "dance"},
	} {
		ask(question)
		if got := next(); got["id"] != 2.0 || got["code"] != code {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func TestASlowQuestionHoldsUpNoOtherAndCanBeEnded(t *testing.T) {
	ask, next := talk(t)
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	ask(map[string]any{"id": 1, "ask": "poll", "url": url, "everyMs": 1, "withinMs": time.Minute.Milliseconds()})
	ask(map[string]any{"id": 2, "ask": "stat", "path": "/etc"})
	if got := next(); got["id"] != 2.0 {
		t.Fatalf("%v", got)
	}
	ask(map[string]any{"ask": "cancel", "target": 1})
	if got := next(); got["id"] != 1.0 || got["result"].(map[string]any)["failures"] == nil {
		t.Errorf("%v", got)
	}
}
