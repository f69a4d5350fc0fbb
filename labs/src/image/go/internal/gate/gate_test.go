package gate

import (
	"net"
	"net/netip"
	"path/filepath"
	"testing"
	"time"
)

func TestAnnounceReturnsWhenTheNewcomerWasTakenIn(t *testing.T) {
	path := t.TempDir() + "/gate.sock"
	want := Newcomer{"shop", "web", netip.MustParseAddr("10.244.0.5")}
	if Announce(path, want) == nil {
		t.Error("an agent that is not there was no error")
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var taken Newcomer
	go Serve(listener, func(n Newcomer) {
		time.Sleep(50 * time.Millisecond)
		taken = n
	})
	if err := Announce(path, want); err != nil || taken != want {
		t.Errorf("%v %v", taken, err)
	}
}

func TestTheFirstAgentIsWaitedForAndOnlyTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gate.sock")
	waited := func(patience time.Duration) time.Duration {
		start := time.Now()
		AwaitFirst(path, patience)
		return time.Since(start)
	}
	if took := waited(50 * time.Millisecond); took < 50*time.Millisecond {
		t.Errorf("gave up after %v, before any agent came", took)
	}
	came := make(chan time.Duration)
	go func() { came <- waited(time.Minute) }()
	if err := Began(path); err != nil {
		t.Fatal(err)
	}
	if took := <-came; took > 30*time.Second {
		t.Errorf("waited %v for an agent that is there", took)
	}
	if took := waited(time.Minute); took > 30*time.Second {
		t.Errorf("waited %v for an agent that has been there", took)
	}
}
