package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"
)

func serve(t *testing.T, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func mustGet(t *testing.T, n node, asked visit) answer {
	t.Helper()
	got, err := n.get(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestGetHandsOnStatusBodyAndHeaders(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Host+" "+r.Header.Get("X-Colour"), http.StatusTeapot)
	})
	got := mustGet(t, itself, visit{URL: url, Headers: map[string]string{"Host": "shop.example", "X-Colour": "blue"}})
	if !got.Answered || got.Status != http.StatusTeapot || got.Body != "shop.example blue\n" {
		t.Errorf("%+v", got)
	}
}

func TestGetFollowsNoRedirectAndNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
	})
	if got := mustGet(t, itself, visit{URL: url}); got.Status != http.StatusFound {
		t.Errorf("%+v", got)
	}
}

func TestGetNamesWhyThereIsNoAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	hanging := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cut := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for url, expected := range map[string]string{"http://" + closed: "refused", hanging: "timeout", cut: "cut off"} {
		if got := mustGet(t, itself, visit{URL: url, TimeoutMs: 200}); got.Answered || got.Error != expected {
			t.Errorf("%s: expected %s, got %+v", url, expected, got)
		}
	}
}

func TestGetRefusesNames(t *testing.T) {
	for _, url := range []string{"http://localhost/", "http://shop.example/", "http:///", "::"} {
		if got, err := itself.get(t.Context(), visit{URL: url}); !errors.Is(err, errUsage) {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

func TestRequestsAreMadeInTheNetworkOfTheNode(t *testing.T) {
	child := startNode(t)
	asked := visit{URL: "http://127.0.0.1:8080/", Headers: map[string]string{"X-Colour": "red"}}
	if got := mustGet(t, child.node, asked); got.Body != "node 127.0.0.1:8080 red" {
		t.Errorf("in the node's: %+v", got)
	}
	outside := serve(t, func(http.ResponseWriter, *http.Request) {})
	if got := mustGet(t, child.node, visit{URL: outside}); got.Error != "refused" {
		t.Errorf("a server of the machine's is reached from the node: %+v", got)
	}
	// The threads that were in the node's network are back in the machine's.
	for range 20 {
		if got := mustGet(t, itself, visit{URL: outside}); !got.Answered {
			t.Fatalf("%+v", got)
		}
	}
	for address, expected := range map[string]bool{"127.0.0.1:8080": true, outside[len("http://"):]: false} {
		if got, err := child.connect(t.Context(), "", address, time.Second); err != nil || got.Connected != expected {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
}

func TestTheAddressThatReallyAnswersIsTold(t *testing.T) {
	child := startNode(t)
	served := "127.0.0.1:8080"
	if got := mustGet(t, child.node, visit{URL: "http://127.0.0.1:8080/"}); got.ServedFrom != served {
		t.Errorf("asked directly: %+v", got)
	}
	// As kube-proxy leads the address of a Service elsewhere.
	rules := "table ip nat { chain out { type nat hook output priority -100; ip daddr 127.0.0.7 tcp dport 80 dnat to 127.0.0.1:8080; }; }"
	command := exec.Command("nsenter", "--net="+child.proc("ns/net"), "nft", rules)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if got := mustGet(t, child.node, visit{URL: "http://127.0.0.7/"}); !got.Answered || got.ServedFrom != served {
		t.Errorf("led elsewhere: %+v", got)
	}
}

func TestPollCountsFailuresUntilItIsStopped(t *testing.T) {
	var asked atomic.Int32
	ctx, stop := context.WithCancel(t.Context())
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			panic(http.ErrAbortHandler)
		case 5:
			stop()
		}
	})
	result, err := itself.poll(ctx, visit{URL: url}, time.Millisecond, time.Minute)
	if err != nil || result.Total < 5 || len(result.Failures) != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	if result.Failures[0].Status != 503 || result.Failures[1].Error != "cut off" {
		t.Errorf("%+v", result)
	}
}

func TestPollEndsByItself(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	result, err := itself.poll(t.Context(), visit{URL: url}, time.Millisecond, 50*time.Millisecond)
	if err != nil || result.Total == 0 || result.DurationMs > 1000 {
		t.Errorf("%+v, %v", result, err)
	}
}
